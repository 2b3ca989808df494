"""Who leads when something dies, freezes or loses its API server: three replicas, a real API server, leases 9/6/0.5 s.

The sink says which Prometheus wrote when; `turns` of [old, new] means that the two never wrote side by side.
"""
import datetime
import signal
import time

import pytest

from lib.elector import LONG_LEASE, lease_of
from lib.elector import STEADY_LEASE_SECONDS as LEASE_SECONDS
from lib.polling import poll, stays


def holder(fleet):
    return fleet.lease()["spec"].get("holderIdentity")


def wait_for_next_holder(fleet, old, deadline_seconds=40):
    name = poll(lambda: holder(fleet) not in (old.name, None, "") and holder(fleet), deadline_seconds,
                f"the Lease goes from {old.name} to another member")
    return next(replica for replica in fleet.replicas if replica.name == name)


def test_one_member_leads_and_only_its_prometheus_writes(writing_fleet, sink):
    leader = writing_fleet.leader()
    assert holder(writing_fleet) == leader.name
    assert leader.is_writing_config() and leader.has_queue()
    for follower in writing_fleet.followers():
        assert not follower.is_writing_config() and not follower.has_queue()
        assert not sink.writes(follower.name)


def test_lease_is_the_record_that_client_go_writes(new_fleet, namespace):
    fleet = new_fleet(namespace=namespace)
    fleet.add("prometheus-0", flags=lease_of(LEASE_SECONDS))
    fleet.launch()
    first = fleet.lease()["spec"]
    assert first["leaseDurationSeconds"] == LEASE_SECONDS and first.get("leaseTransitions", 0) == 0
    for field in ("acquireTime", "renewTime"):
        assert first[field].endswith("Z") and len(first[field].partition(".")[2]) == len("123456Z")
    renewed = poll(lambda: (spec := fleet.lease()["spec"])["renewTime"] != first["renewTime"] and spec, 20,
                   "the Lease is renewed")
    assert {**renewed, "renewTime": None} == {**first, "renewTime": None}


def test_killed_leader_is_replaced_at_the_expiry_and_not_before(writing_fleet, sink):
    old, before = writing_fleet.leader(), writing_fleet.lease()["spec"]
    old.elector.kill()
    old.prometheus.kill()
    new = wait_for_next_holder(writing_fleet, old)
    renewed_at, taken_at = (datetime.datetime.fromisoformat(time) for time in (
        before["renewTime"], writing_fleet.lease()["spec"]["acquireTime"]))
    assert LEASE_SECONDS <= (taken_at - renewed_at).total_seconds() < LEASE_SECONDS + 10
    sink.wait_for_sole_writer(new.name)
    assert sink.turns() == [old.name, new.name]


@pytest.mark.parametrize("asked_by", [signal.SIGTERM, signal.SIGHUP])
def test_terminated_leader_demotes_then_releases_and_is_replaced_at_once(new_fleet, namespace, sink, asked_by):
    fleet = new_fleet(namespace=namespace, flags=LONG_LEASE).start()
    old = fleet.leader()
    sink.wait_for_sole_writer(old.name)
    old.elector.signal(asked_by)
    poll(lambda: holder(fleet) != old.name, 30, "the Lease is released")
    assert not old.has_queue(), "the Lease was released before the demotion was confirmed"
    new = wait_for_next_holder(fleet, old, 30)
    assert old.elector.wait() == 0
    sink.wait_for_sole_writer(new.name)
    assert sink.turns() == [old.name, new.name]


def test_leader_frozen_for_longer_than_a_lease_wakes_without_authority_and_demotes(writing_fleet, sink):
    old = writing_fleet.leader()
    old.elector.freeze()
    new = wait_for_next_holder(writing_fleet, old)
    thawed_at = time.monotonic()
    old.elector.thaw()
    assert not old.elector.is_leader()
    poll(lambda: not old.has_queue(), 10, "the old leader's Prometheus stops writing")
    assert sink.last_write(old.name) < thawed_at + 12
    sink.wait_for_sole_writer(new.name)
    assert holder(writing_fleet) == new.name
    old.elector.wait_until_follower_of(new.name)


def test_member_whose_prometheus_dies_yields_and_returns_as_a_follower(writing_fleet, sink):
    old = writing_fleet.leader()
    old.prometheus.kill()
    new = wait_for_next_holder(writing_fleet, old)
    old.prometheus.start().wait_until_ready()
    old.elector.wait_until_follower_of(new.name)
    sink.wait_for_sole_writer(new.name)
    assert sink.turns() == [old.name, new.name]


def test_follower_whose_prometheus_has_restarted_and_is_not_ready_again_does_not_take_over(new_fleet):
    fleet = new_fleet(prometheus="fake", flags=lease_of(6)).start(2)
    leader, follower = fleet.leader(), fleet.followers()[0]
    follower.prometheus.is_healthy = follower.prometheus.is_ready = False
    poll(lambda: follower.elector.metric("promfleet_elector_prometheus_healthy") == 0, 20, "it is not healthy")
    follower.prometheus.is_healthy = True  # replays its WAL
    leader.elector.kill()
    stays(lambda: not follower.elector.is_leader(), 10, "it does not lead")
    assert follower.elector.problems("not ready yet")
    follower.prometheus.is_ready = True
    follower.elector.wait_until_leader()


FAULTS = {"cut": lambda line: line.cut(), "black-holed": lambda line: line.black_hole(),
          "slow": lambda line: line.slow(12), "answering 500": lambda line: line.answer(500),
          "losing answers": lambda line: line.lose_answers()}


@pytest.mark.parametrize("fault", FAULTS)
def test_leader_that_loses_its_api_server_stops_before_the_next_one_starts(writing_fleet, sink, fault):
    old = writing_fleet.leader()
    FAULTS[fault](old.store)
    poll(lambda: not old.elector.is_leader(), LEASE_SECONDS, "the old leader gives up its authority")
    new = wait_for_next_holder(writing_fleet, old)
    sink.wait_for_sole_writer(new.name)
    assert sink.turns() == [old.name, new.name]
    old.store.heal()
    old.elector.wait_until_follower_of(new.name)
    assert sink.turns() == [old.name, new.name]


@pytest.mark.parametrize("fault", ["cut", "black-holed", "slow", "answering 500"])
def test_without_an_api_server_nobody_leads_until_it_is_back(writing_fleet, sink, fault):
    old = writing_fleet.leader()
    for replica in writing_fleet.replicas:
        FAULTS[fault](replica.store)
    poll(lambda: not old.has_queue(), LEASE_SECONDS + 10, "the leader's Prometheus stops writing")
    stays(lambda: not any(replica.elector.is_leader() for replica in writing_fleet.replicas), LEASE_SECONDS,
          "nobody leads")
    for replica in writing_fleet.replicas:
        assert replica.elector.healthz().status == 200
        replica.store.heal()
    new = writing_fleet.leader()
    sink.wait_for_sole_writer(new.name)
    assert sink.turns() in ([old.name], [old.name, new.name])


def test_followers_that_lose_their_api_server_change_nothing(writing_fleet, sink):
    leader, followers = writing_fleet.leader(), writing_fleet.followers()
    for follower in followers:
        follower.store.black_hole()
    stays(leader.elector.is_leader, LEASE_SECONDS + 1, "the leader leads")
    for follower in followers:
        follower.store.heal()
        follower.elector.wait_until_follower_of(leader.name)
    assert sink.turns() == [leader.name]


def test_restart_of_the_api_servers_connections_is_no_takeover(writing_fleet):
    leader, before = writing_fleet.leader(), writing_fleet.lease()["spec"]["acquireTime"]
    for replica in writing_fleet.replicas:
        replica.store.reset_connections()
    stays(leader.elector.is_leader, LEASE_SECONDS + 1, "the leader leads")
    assert writing_fleet.lease()["spec"]["acquireTime"] == before
