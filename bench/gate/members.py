"""Replicas whose Prometheus always writes to the gate of its elector, as lib.gate_fleet's, but with nothing between the
gates and the receiver, and with the same labels on every member, so that what passes is passed on as it came.
"""
import datetime
import re

import yaml

from lib.fleet import Fleet
from lib.polling import poll
from lib.ports import free_port

# As `promfleet elector gate-values` has it; everything else is Prometheus' own. One batch at a time; and with Prometheus'
# max_backoff of 5 s, what reads its WAL sleeps as long after a hold before it goes on.
QUEUE = {"min_shards": 1, "max_shards": 1, "min_backoff": "30ms", "max_backoff": "100ms"}
HELD_SECONDS_MAX = 60
NEXT_SECONDS_MAX = 90


class GateMembers(Fleet):
    """`scrape`: a Prometheus' sections `global` and `scrape_configs`.
    `lateness`: of the gates, in seconds; None for the product's own."""

    def __init__(self, folder, *, write_url, scrape, lateness=None, **options):
        super().__init__(folder, sink=None, **options)
        self._entry = {"url": write_url} | ({"lateness": f"{lateness}s"} if lateness else {})
        self._scrape = scrape
        self._gate_ports = {}

    def add(self, name, **options):
        self._gate_ports[name] = free_port()
        config = self.folder / f"{name}-gate.yaml"
        replica = super().add(name, flags={"gate-listen-address": f"127.0.0.1:{self._gate_ports[name]}",
                                           "gate-config": config}, **options)
        config.write_text(yaml.safe_dump([self._entry]))
        return replica

    def write_url(self, name):
        return f"http://127.0.0.1:{self._gate_ports[name]}/api/v1/write"

    def sections(self, replica):
        write = {"url": replica.write_url, "metadata_config": {"send": False}, "queue_config": QUEUE}
        return {**self._scrape, "remote_write": [write]}, {}

    def start(self, size):
        for number in range(size):
            self.add(f"prometheus-{number}")
        return self.launch(60)


def wait_until_holding(replica):
    """Until a follower holds what it could lead with at once."""
    def is_holding():
        gate = replica.elector.status()["gate"]
        # Before it has heard how far the leader is, it does not know what it lacks.
        return gate["handicap_seconds"] == 0 and any(
            entry["held_requests"] and entry["watermark_age_seconds"] is not None for entry in gate["destinations"])
    poll(is_holding, HELD_SECONDS_MAX, f"{replica.name} holds samples, and would take over at once")


def token(replica):
    """Of the last term that it led, by its own log; LookupError before the first."""
    return int(re.findall(r'msg="begins to lead" .*?token=(\d+)', replica.elector.log())[-1])


def term_of(sink, replica, tells, since_ms=0):
    """What the sink tells of the term of a replica that will lead: once `tells` is a time since then."""
    def found():
        assert replica.elector.is_leader(), f"{replica.name} follows"
        number = token(replica)
        return next((term for term in sink.totals()["terms"]
                     if term["token"] == number and term[tells] and term[tells] >= since_ms), None)
    return poll(found, NEXT_SECONDS_MAX, f"the sink knows {tells} of the next leader")


def logged_ms(replica, text, since_ms):
    """When, in Unix milliseconds, the first line with `text` since then was written; None for never."""
    for line in replica.elector.log().splitlines():
        match = re.match(r"ts=(\S+) ", line)
        if match and text in line:
            time_ms = datetime.datetime.fromisoformat(match[1]).timestamp() * 1000
            if time_ms >= since_ms:
                return time_ms
    return None
