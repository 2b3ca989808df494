"""A migration: Go contenders over client-go and ours in one Lease, each taking over from the other."""
import signal
import time

import pytest

from lib.contender import PROGRAMS, Contender
from lib.elector import LEASE_SECONDS
from lib.fleet import LEASE_NAME
from lib.polling import poll

VERSIONS = pytest.mark.parametrize("version", PROGRAMS)


@pytest.fixture
def ours(new_fleet, namespace):
    """One replica of ours, its elector not started yet."""
    fleet = new_fleet(namespace=namespace, prometheus="fake")
    replica = fleet.add("ours")
    fleet.start_prometheus()
    return replica


@pytest.fixture
def new_contender(folder, namespace, ours, processes):
    def create(version):
        contender = Contender(folder, "theirs", version=version, kubeconfig=ours.elector.flags["kubeconfig"],
                              namespace=namespace.name, lease_name=LEASE_NAME)
        processes.append(contender)
        return contender.start()
    return create


def follow(ours, theirs):
    theirs.wait_until_leader()
    ours.elector.start().wait_until_serving()
    ours.elector.wait_until_follower_of(theirs.member)


@VERSIONS
def test_ours_takes_over_from_a_killed_contender_at_its_expiry(ours, new_contender, version):
    theirs = new_contender(version)
    follow(ours, theirs)
    killed_at = time.monotonic()
    theirs.kill()
    ours.elector.wait_until_leader()
    assert LEASE_SECONDS - 1 <= time.monotonic() - killed_at <= LEASE_SECONDS + 1.5


@VERSIONS
def test_ours_waits_out_the_release_of_a_contender_which_may_not_have_stopped_yet(ours, new_contender, version):
    theirs = new_contender(version)
    follow(ours, theirs)
    released_at = time.monotonic()
    assert theirs.terminate() == 0
    ours.elector.wait_until_leader()
    assert LEASE_SECONDS - 1 <= time.monotonic() - released_at <= LEASE_SECONDS + 1.5


@VERSIONS
def test_contender_takes_over_from_ours_once_ours_has_demoted(ours, new_contender, version):
    ours.elector.start().wait_until_serving()
    ours.elector.wait_until_leader()
    theirs = new_contender(version)
    ours.elector.signal(signal.SIGTERM)
    while not theirs.is_leader():
        was_writing = ours.has_queue()
    assert not was_writing
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
    poll(lambda: not ours.has_queue(), 2, "the follower's configuration is loaded")
    assert theirs.is_leader()
