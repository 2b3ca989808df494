"""What the elector finds in the configuration that a real Prometheus runs, where it does not suit a gate."""
import subprocess

import pytest
import yaml

from lib import peers
from lib.elector import lease_of
from lib.polling import poll, stays
from lib.ports import free_port

LATENESS = "8s"
# Leaves a demotion more time than the queue that the leader has in one case.
TIMES = lease_of(9)


class Member:
    """A replica with a gate of one entry. Without a receiver nobody answers it."""

    def __init__(self, fleet, name, *, write_url="http://127.0.0.1:1/api/v1/write", external_labels=None):
        self._gate_port = free_port()
        self.replica = fleet.add(name, flags={"gate-listen-address": f"127.0.0.1:{self._gate_port}"})
        self.external_labels = {"replica": name, **(external_labels or {})}
        self._gate_config = self.replica.folder / "gate.yml"
        self._gate_config.write_text(yaml.safe_dump([
            {"url": write_url, "name": "hub", "lateness": LATENESS, "drop_labels": ["replica"]}]))
        self.replica.elector.flags["gate-config"] = self._gate_config

    def printed_section(self):
        result = subprocess.run([peers.promfleet(), "elector", "gate-values", f"-gate-config={self._gate_config}",
                                 f"-gate-listen-address=127.0.0.1:{self._gate_port}"],
                                capture_output=True, text=True, check=True, timeout=20)
        queues = yaml.safe_load(result.stdout)["remote_write"]
        queues[0]["queue_config"]["batch_send_deadline"] = "200ms"
        return queues

    def write_config(self, remote_write, leader=None, scrape_interval="1s"):
        self.replica.write_config({
            "global": {"scrape_interval": scrape_interval, "external_labels": self.external_labels},
            "scrape_configs": [{"job_name": "self", "static_configs": [
                {"targets": [f"127.0.0.1:{self.replica.prometheus.port}"]}]}],
            "remote_write": remote_write}, leader or {})

    def found(self):
        return {finding["id"]: finding["message"] for finding in self.replica.elector.status()["preflight"]}


@pytest.mark.parametrize("version", ["3.15", "2.42"])
def test_what_does_not_suit_the_gate_is_found_until_it_is_put_right(new_fleet, version):
    fleet = new_fleet(prometheus=version, flags=TIMES)
    member = Member(fleet, "prometheus-0")
    fitting = member.printed_section()
    poor = [{**fitting[0], "remote_timeout": "20s", "queue_config": {"batch_send_deadline": "5s"}},
            {"url": "http://127.0.0.1:2/elsewhere"}]
    member.write_config(poor, leader={"remote_write": [{"url": "http://127.0.0.1:3/leaders"}]}, scrape_interval="3s")
    fleet.launch()
    expected = {"gate_queue_shards", "gate_queue_timeout", "gate_lateness_too_short", "gate_bypassed",
                "gate_leader_remote_write"}
    poll(lambda: set(member.found()) == expected, 30, "all are found")
    member.write_config([])
    poll(lambda: set(member.found()) == {"gate_queue_missing"}, 30, "the missing section is found")
    member.write_config(fitting)
    poll(lambda: not member.found(), 30, "nothing is found any more")
    stays(lambda: not member.found(), 1, "nothing is found")


@pytest.mark.parametrize("version", ["3.15", "2.42"])
def test_external_labels_that_differ_from_the_leaders_are_found_and_named(new_fleet, fencing_sink, version):
    fleet = new_fleet(prometheus=version, flags=TIMES)
    members = [Member(fleet, f"prometheus-{number}", write_url=fencing_sink.write_url,
                      external_labels={"cluster": f"c{number}"}) for number in range(2)]
    for member in members:
        member.write_config(member.printed_section())
    fleet.launch()
    leader, follower = sorted(members, key=lambda member: member.replica is not fleet.leader())
    poll(lambda: follower.replica.elector.status()["gate"]["destinations"][0]["watermark_time"], 30,
         "the leader tells how far it is")
    follower.write_config(follower.printed_section(), scrape_interval="2s")  # so that it is looked at now
    poll(lambda: set(follower.found()) == {"gate_external_labels"}, 30, "the difference is found")
    message = follower.found()["gate_external_labels"]
    assert f'cluster is "{follower.external_labels["cluster"]}" here' in message and "replica" not in message
    follower.external_labels["cluster"] = leader.external_labels["cluster"]
    follower.write_config(follower.printed_section())
    poll(lambda: not follower.found(), 30, "nothing is found any more")
