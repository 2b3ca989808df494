"""What people and programs are told of a gate: by JSON, page, metrics and `promfleet lease status`."""
import subprocess

from lib import peers
from lib.elector import LONG_LEASE
from lib.polling import poll


def destination(replica):
    return replica.elector.status()["gate"]["destinations"][0]


def test_leader_and_follower_tell_what_passes_and_what_is_held(new_gate_fleet):
    fleet = new_gate_fleet(flags=LONG_LEASE).start(["3.15", "2.42"])
    leader = fleet.writing_leader()
    follower = fleet.followers()[0]

    def holding_what_is_newer():
        told = destination(follower)
        is_told = told["held_requests"] == 1 and told["held_bytes"] > 0 and told["watermark_age_seconds"] is not None
        return told if is_told else None
    # Between two requests it holds none.
    held = poll(holding_what_is_newer, 20, "the follower holds, and knows how far the leader is")
    opened = destination(leader)
    assert (opened["state"], opened["receiver"], held["state"]) == ("open", "fencing", "closed")
    assert opened["group"] == fleet.group and opened["problem"] is None
    assert held["watermark_age_seconds"] < 10

    def is_ready_to_take_over():
        gate = follower.elector.status()["gate"]
        difference = gate["clock_difference_seconds"]
        return difference is not None and abs(difference) < 2 and gate["handicap_seconds"] == 0
    poll(is_ready_to_take_over, 20, "it has measured the leader's clock, and has enough to give")
    assert "held: this member follows" in follower.elector.get("/_elector/").text()
    command = [peers.promfleet(), "lease", "status", f"-address={leader.elector.url}"]
    printed = subprocess.run(command, capture_output=True, text=True, timeout=20).stdout
    assert "gate         /api/v1/write: open: the destination keeps former leaders out" in printed


def test_samples_that_the_receiver_calls_covered_are_counted(new_gate_fleet):
    fleet = new_gate_fleet().start(["3.15", "3.15"])
    old = fleet.writing_leader()
    fleet.wait_until_scraping(fleet.followers()[0])
    old.elector.kill()
    new = fleet.writing_leader(besides=[old])

    def told():
        return next(term["covered"] for term in fleet.sink.totals()["terms"] if term["token"] == fleet.tokens(new)[-1])
    poll(lambda: told() > 0 and destination(new)["covered_samples"] == told(), 20,
         "the new leader counts what the sink counts")
    name = 'promfleet_gate_covered_samples_total{destination="/api/v1/write"}'
    poll(lambda: new.elector.metrics()[name] == told(), 20, "so does its metric")


def test_gate_configuration_that_breaks_is_told_until_it_is_repaired(new_gate_fleet):
    fleet = new_gate_fleet(flags=LONG_LEASE).start(["3.15"])
    leader = fleet.writing_leader()
    config = leader.elector.flags["gate-config"]
    good = config.read_text()
    config.write_text(good + "  uri: wrong\n")
    assert "gate configuration: " in leader.elector.wait_for_problem("gate.yaml: line 5")  # half the file is another one
    assert "unknown key" in leader.elector.status()["config"]["gate_config_error"]
    config.write_text(good)
    poll(lambda: not leader.elector.problems("gate configuration: "), 20, "the problem is gone")
