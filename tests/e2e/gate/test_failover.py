"""Nothing lost, nothing doubled, whatever breaks: leadership goes to and fro between a Prometheus 3.15 and a 2.42, with
the same fault each time, while the fencing sink keeps account of every sample.

PROMFLEET_GATE_ROUNDS=100 for longer ones (`make soak`).
"""
import dataclasses
import os
from collections.abc import Callable

import pytest

from lib.gate_fleet import GateFleet
from lib.polling import poll

ROUNDS = int(os.environ.get("PROMFLEET_GATE_ROUNDS", "10"))
SECONDS_MAX = 60 + 20 * ROUNDS  # of a test


@dataclasses.dataclass(frozen=True)
class Fault:
    strike: Callable  # with the fleet and its leader: another member has to lead
    heal: Callable    # with the same, once another member leads


def kill_both(fleet, leader):
    leader.elector.kill()
    fleet.kill_prometheus(leader)


def start_both(fleet, replica):
    replica.elector.start()
    fleet.start_prometheus_of(replica)


def kill_with_the_hub(fleet, leader):
    fleet.sink.kill()
    leader.elector.kill()


def start_with_the_hub(fleet, replica):
    fleet.sink.start()
    replica.elector.start()


def restart_the_hub_and_end(fleet, leader):
    fleet.sink.kill()
    fleet.sink.start()
    leader.elector.terminate()


def slow_the_hub_and_end(fleet, leader):
    fleet.line.slow(0.3)
    leader.elector.terminate()


def write_slowly_and_start(fleet, replica):
    fleet.writing_leader(besides=[replica])
    heal_the_line_and_start(fleet, replica)


def lose_answers_and_kill(fleet, leader):
    fleet.line.lose_answers()
    leader.elector.kill()


def heal_the_line_and_start(fleet, replica):
    fleet.line.heal()
    replica.elector.start()


def start(_, replica):
    replica.elector.start()


FAULTS = {
    "elector killed": Fault(lambda _, leader: leader.elector.kill(), start),
    "elector terminated": Fault(lambda _, leader: leader.elector.terminate(), start),
    "elector frozen for longer than a lease": Fault(lambda _, leader: leader.elector.freeze(),
                                                    lambda _, replica: replica.elector.thaw()),
    "API server cut off": Fault(lambda _, leader: leader.store.cut(), lambda _, replica: replica.store.heal()),
    "Prometheus killed": Fault(GateFleet.kill_prometheus, GateFleet.start_prometheus_of),
    "both killed": Fault(kill_both, start_both),
    "hub down": Fault(kill_with_the_hub, start_with_the_hub),
    "hub restarted": Fault(restart_the_hub_and_end, start),
    "hub slow": Fault(slow_the_hub_and_end, write_slowly_and_start),
    "hub's answers lost": Fault(lose_answers_and_kill, heal_the_line_and_start),
}


def change_leader(fleet, fault):
    old = fleet.leader()
    fault.strike(fleet, old)
    fleet.leader(besides=[old])
    fault.heal(fleet, old)
    new = fleet.writing_leader(besides=[old])
    old.elector.wait_until_serving()
    old.elector.wait_until_follower_of(new.name)


@pytest.mark.timeout(SECONDS_MAX)
@pytest.mark.parametrize("fault", FAULTS)
def test_each_series_continues_where_the_last_leader_ended(new_gate_fleet, fault):
    fleet = new_gate_fleet().start()
    fleet.writing_leader()
    for _ in range(ROUNDS - 1):
        change_leader(fleet, FAULTS[fault])
    fleet.wait_until_followers_acknowledge()
    change_leader(fleet, FAULTS[fault])
    assert fleet.judgement() == ""
    assert len(fleet.owners()) > ROUNDS


@pytest.mark.timeout(SECONDS_MAX)
def test_version_2_of_remote_write_is_kept_as_exactly(new_gate_fleet):
    message = {"protobuf_message": "io.prometheus.write.v2.Request"}
    fleet = new_gate_fleet(remote_write=message).start(["3.15", "3.15"])
    fleet.writing_leader()
    for fault in ("elector killed", "elector terminated", "hub restarted"):
        change_leader(fleet, FAULTS[fault])
    assert fleet.judgement() == ""


def test_only_what_died_with_every_prometheus_is_missing(new_gate_fleet):
    fleet = new_gate_fleet().start()
    fleet.writing_leader()
    for replica in fleet.replicas:
        fleet.kill_prometheus(replica)
    for replica in fleet.replicas:
        fleet.start_prometheus_of(replica)
    fleet.writing_leader()
    assert fleet.judgement(gap_ms_max=None) == ""


def test_write_of_a_frozen_leader_that_arrives_after_the_next_fence_is_refused(new_gate_fleet):
    """It is on its way already, where nobody asks for authority any more."""
    fleet = new_gate_fleet().start()
    old = fleet.writing_leader()
    line = fleet.line
    line.stall_connections()
    written = len(line.request_lines)
    poll(lambda: len(line.request_lines) > written, 20, "a write of the leader is on its way")
    old.elector.freeze()
    new = fleet.writing_leader(besides=[old])
    assert "fenced" not in fleet.sink.totals()["refused"]
    line.heal()
    poll(lambda: fleet.sink.totals()["refused"].get("fenced"), 20, "the old leader's write is refused")
    old.elector.thaw()
    old.elector.wait_until_follower_of(new.name)
    assert fleet.judgement() == ""
