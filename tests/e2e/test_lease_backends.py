"""The lease in etcd and in a file: the same takeovers as on Kubernetes."""
import datetime

import pytest

from lib.elector import LEASE, RESUMABLE_LEASE, lease_of
from lib.etcd import Etcd
from lib.polling import poll, stays


@pytest.fixture(params=["file", "etcd 3.7", "etcd 3.4"])
def new_trio(request, folder, processes, new_fleet):
    """A function that starts three members with the lease's flags."""
    store = {}
    if request.param != "file":
        etcd = Etcd(folder, version=request.param.split()[1]).start()
        processes.append(etcd)
        store = {"lease-backend": "etcd", "etcd-endpoints": etcd.url, "lease-file": None}
    return lambda lease: new_fleet(prometheus="fake", flags={**store, **lease}).start(3)


def lease_time(replica, name):
    """A time of the lease as this member sees it."""
    return datetime.datetime.fromisoformat(replica.elector.status()["lease"][name])


def test_killed_leader_is_replaced_at_the_expiry_and_not_before(new_trio):
    trio = new_trio(lease_of(6))
    old = trio.leader()
    renewed_at = lease_time(old, "renew_time")
    old.elector.kill()
    taken_at = lease_time(trio.leader(besides=[old]), "acquire_time")
    assert 6 <= (taken_at - renewed_at).total_seconds() < 16


def test_terminated_leader_is_replaced_at_once_and_after_its_demotion(new_trio):
    trio = new_trio(LEASE)
    old = trio.leader()
    assert old.has_queue()
    assert old.elector.terminate() == 0
    assert not old.has_queue()
    trio.leader(deadline_seconds=11)


def test_leader_killed_and_restarted_before_the_expiry_goes_on(new_trio):
    leader = new_trio(RESUMABLE_LEASE).leader()
    assert leader.has_queue()
    reloads = len(leader.prometheus.reloads)
    leader.elector.kill()
    leader.elector.start().wait_until_serving()
    leader.elector.wait_until_leader()
    stays(lambda: leader.elector.is_leader() and leader.has_queue(), 3, "it leads")
    assert all("remote_write" in reload.config for reload in leader.prometheus.reloads[reloads:])


def test_frozen_leader_wakes_without_authority(new_trio):
    trio = new_trio(lease_of(6))
    old = trio.leader()
    old.elector.freeze()
    poll(lambda: any(replica.elector.is_leader() for replica in trio.replicas if replica is not old), 30,
         "another member leads")
    old.elector.thaw()
    assert not old.elector.is_leader()
    poll(lambda: not old.has_queue(), 20, "the old leader's Prometheus stops writing")
