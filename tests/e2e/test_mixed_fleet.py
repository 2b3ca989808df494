"""A migration: Go contenders over client-go and ours in one Lease, each taking over from the other."""
import datetime
import signal
import time

import pytest

from lib.contender import PROGRAMS, Contender
from lib.elector import LONG_LEASE, lease_of
from lib.fleet import LEASE_NAME
from lib.polling import poll

VERSIONS = pytest.mark.parametrize("version", PROGRAMS)
LEASE_SECONDS = 6


@pytest.fixture
def ours(new_fleet, namespace):
    """One replica of ours, its elector not started yet."""
    fleet = new_fleet(namespace=namespace, prometheus="fake", flags=lease_of(LEASE_SECONDS))
    replica = fleet.add("ours")
    fleet.start_prometheus()
    return replica


@pytest.fixture
def new_contender(folder, namespace, ours, processes):
    def create(version, lease=lease_of(LEASE_SECONDS)):
        contender = Contender(folder, "theirs", version=version, kubeconfig=ours.elector.flags["kubeconfig"],
                              namespace=namespace.name, lease_name=LEASE_NAME, times=lease)
        processes.append(contender)
        return contender.start()
    return create


def follow(ours, theirs):
    theirs.wait_until_leader()
    ours.elector.start().wait_until_serving()
    ours.elector.wait_until_follower_of(theirs.member)


@VERSIONS
def test_ours_takes_over_from_a_killed_contender_at_its_expiry(ours, new_contender, version, namespace):
    theirs = new_contender(version)
    follow(ours, theirs)
    renewed_at = namespace.lease(LEASE_NAME)["spec"]["renewTime"]
    theirs.kill()
    ours.elector.wait_until_leader()
    renewed_at, taken_at = (datetime.datetime.fromisoformat(time) for time in (
        renewed_at, namespace.lease(LEASE_NAME)["spec"]["acquireTime"]))
    assert LEASE_SECONDS <= (taken_at - renewed_at).total_seconds() < LEASE_SECONDS + 10


@VERSIONS
def test_ours_waits_out_the_release_of_a_contender_which_may_not_have_stopped_yet(ours, new_contender, version):
    theirs = new_contender(version)
    follow(ours, theirs)
    released_at = time.monotonic()
    assert theirs.terminate() == 0
    ours.elector.wait_until_leader()
    assert LEASE_SECONDS <= time.monotonic() - released_at < LEASE_SECONDS + 15


@VERSIONS
def test_contender_takes_over_from_ours_once_ours_has_demoted(ours, new_contender, version):
    ours.elector.flags |= LONG_LEASE
    ours.elector.start().wait_until_serving()
    poll(ours.has_queue, 30, "ours leads, and its Prometheus writes")
    theirs = new_contender(version, LONG_LEASE)
    poll(lambda: any(event["leader"] == ours.name for event in theirs.events()), 30, "theirs knows who leads")
    ours.prometheus.reload_delay_seconds = 3  # in which a contender that is let in before would lead
    ours.elector.signal(signal.SIGTERM)
    theirs.wait_until_leader()
    assert not ours.has_queue()
    assert ours.elector.wait() == 0


@VERSIONS
def test_contender_takes_over_from_ours_that_was_killed_and_ours_returns_as_a_follower(ours, new_contender, version):
    ours.elector.start().wait_until_serving()
    ours.elector.wait_until_leader()
    theirs = new_contender(version)
    ours.elector.kill()
    theirs.wait_until_leader()
    ours.elector.start().wait_until_serving()
    ours.elector.wait_until_follower_of(theirs.member)
    poll(lambda: not ours.has_queue(), 20, "the follower's configuration is loaded")
    assert theirs.is_leader()
