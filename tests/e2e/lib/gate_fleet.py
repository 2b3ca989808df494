"""Replicas whose Prometheus always writes to the gate of its elector, and one receiver behind all gates.

Every member scrapes itself under the same labels, so their series are the same but for the external label `replica`,
which the gates drop.
"""
import re
import time
import urllib.parse

import yaml

from lib.fault_proxy import FaultProxy
from lib.fleet import LEASE_NAME, Fleet
from lib.gate_judge import Evidence, judge
from lib.polling import poll
from lib.ports import free_port
from lib.remote_read import raw_samples

REPLICA_LABEL = "replica"
LATENESS_MS = 3_000
QUEUE = {"min_shards": 1, "max_shards": 1, "min_backoff": "30ms", "max_backoff": "100ms",
         "batch_send_deadline": "200ms"}
# Of what both versions of Prometheus say of themselves: gauges, counters that differ between members, histograms.
KEPT = "up|scrape_.*|process_.*|go_goroutines|go_memstats_alloc_bytes.*|prometheus_http_response_size_bytes.*"
# What may lie between two leaders' samples: the grace, a scrape, and what a busy machine adds to it.
GAP_MS_MAX = 8_000


class GateFleet(Fleet):
    """`receiver`: a FencingSink, or one of lib/foreign_receivers.

    `remote_write`: more for Prometheus' section. `entry`: more for the gates'; `line_tls`: what the receiver shows to
    the gates, which then take an entry that trusts it."""

    def __init__(self, folder, *, receiver, remote_write=None, entry=None, line_tls=None, **options):
        super().__init__(folder, sink=receiver, **options)
        destination = urllib.parse.urlsplit(receiver.write_url)
        # Between all gates and the receiver: followers go by the watermarks of a leader whose entry has their own URL.
        self.line = FaultProxy(destination.port, server_tls=line_tls)
        scheme = "https" if line_tls else "http"
        self._entry = {"url": f"{scheme}://127.0.0.1:{self.line.port}{destination.path}",
                       "lateness": f"{LATENESS_MS}ms", "drop_labels": [REPLICA_LABEL], **(entry or {})}
        self._remote_write = remote_write or {}
        self._gate_ports = {}
        self._deaths_ms = {}  # of each member's Prometheus

    @property
    def group(self):
        return f"{self.namespace.name if self.namespace else 'test'}/{LEASE_NAME}"

    def add(self, name, *, flags=None, **options):
        self._gate_ports[name] = free_port()
        config = self.folder / f"{name}-gate.yaml"
        replica = super().add(name, flags={"gate-listen-address": f"127.0.0.1:{self._gate_ports[name]}",
                                           "gate-config": config, **(flags or {})}, **options)
        config.write_text(yaml.safe_dump([self._entry]))
        return replica

    def write_url(self, name):
        return f"http://127.0.0.1:{self._gate_ports[name]}/api/v1/write"

    def sections(self, replica):
        """The leader's has nothing of its own: Prometheus is never reloaded."""
        scrape = {"job_name": "self", "static_configs": [
            {"targets": [f"127.0.0.1:{replica.prometheus.port}"], "labels": {"instance": "self"}}],
            "metric_relabel_configs": [{"source_labels": ["__name__"], "action": "keep", "regex": KEPT}]}
        write = {"url": replica.write_url, "metadata_config": {"send": False}, "queue_config": QUEUE,
                 **self._remote_write}
        return {"global": {"scrape_interval": "1s", "external_labels": {REPLICA_LABEL: replica.name}},
                "scrape_configs": [scrape], "remote_write": [write]}, {}

    def start(self, versions=("3.15", "2.42"), deadline_seconds=30):
        """A replica for each version of Prometheus."""
        for number, version in enumerate(versions):
            self.add(f"prometheus-{number}", prometheus=version)
        return self.launch(deadline_seconds)

    def stop(self):
        super().stop()
        self.line.stop()

    def kill_prometheus(self, replica):
        """What it has not sent is gone, and the judge is told so."""
        replica.prometheus.kill()
        self._deaths_ms.setdefault(replica.name, []).append(int(time.time() * 1000))

    def start_prometheus_of(self, replica):
        replica.prometheus.start().wait_until_ready()
        self.wait_until_scraping(replica)

    def tokens(self, replica):
        """Those that this member has led with, by its own log."""
        return [int(token) for token in re.findall(r'msg="begins to lead" .*?token=(\d+)', replica.elector.log())]

    def owners(self):
        """{token: member}"""
        owners = {}
        for replica in self.replicas:
            for token in self.tokens(replica):
                assert owners.setdefault(token, replica.name) == replica.name, f"two members had the token {token}"
        return owners

    def writing_leader(self, besides=(), deadline_seconds=40):
        """The replica that leads, once something of its term has been stored."""
        def leads_and_has_stored():
            leader = self.leader(besides=besides, deadline_seconds=1)
            token = self.tokens(leader)[-1]
            return any(term["token"] == token and term["stored"] for term in self.sink.totals()["terms"]) and leader
        return poll(leads_and_has_stored, deadline_seconds, "what the leader sends is stored")

    def wait_until_followers_acknowledge(self, deadline_seconds=40):
        """Until each follower has let go of something that the leader has seen arrive."""
        name = 'promfleet_gate_acknowledged_samples_total{destination="/api/v1/write"}'
        poll(lambda: all(replica.elector.metrics()[name] > 0 for replica in self.followers()), deadline_seconds,
             "followers acknowledge what has arrived")

    def wait_until_scraping(self, replica, deadline_seconds=40):
        """Until its Prometheus has scraped anew."""
        since = time.time()
        poll(lambda: float(replica.prometheus.query("timestamp(up)")[0]["value"][1]) > since, deadline_seconds,
             f"the Prometheus of {replica.name} scrapes")

    def scraped(self, replica):
        return raw_samples(replica.prometheus.url, without=[REPLICA_LABEL])

    def judgement(self, gap_ms_max=GAP_MS_MAX):
        """What the judge says once the present leader has written everything up to now; "" if all is well."""
        return "\n".join(judge(self.evidence(gap_ms_max)))

    def evidence(self, gap_ms_max):
        self.writing_leader()
        until_ms = int(time.time() * 1000)
        self.sink.wait_until_written(self.group, until_ms)
        account = self.sink.account(self.group)
        scraped = {replica.name: self.scraped(replica) for replica in self.replicas}
        return Evidence(account, self.owners(), scraped, until_ms, self._deaths_ms, LATENESS_MS, gap_ms_max)
