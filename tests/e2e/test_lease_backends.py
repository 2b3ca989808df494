"""The lease in etcd and in a file: the same takeovers as on Kubernetes."""
import time

import pytest

from lib.elector import LEASE_SECONDS
from lib.etcd import Etcd
from lib.polling import poll, stays


@pytest.fixture(params=["file", "etcd 3.7", "etcd 3.4"])
def trio(request, new_fleet, folder, processes):
    if request.param == "file":
        return new_fleet(prometheus="fake").start(3)
    etcd = Etcd(folder, version=request.param.split()[1]).start()
    processes.append(etcd)
    return new_fleet(prometheus="fake", flags={
        "lease-backend": "etcd", "etcd-endpoints": etcd.url, "lease-file": None}).start(3)


def test_killed_leader_is_replaced_at_the_expiry_and_not_before(trio):
    old = trio.leader()
    killed_at = time.monotonic()
    old.elector.kill()
    poll(lambda: any(replica.elector.is_leader() for replica in trio.replicas if replica is not old), 10,
         "another member leads")
    assert LEASE_SECONDS - 1 <= time.monotonic() - killed_at <= LEASE_SECONDS + 1


def test_terminated_leader_is_replaced_at_once_and_after_its_demotion(trio):
    old = trio.leader()
    poll(old.has_queue, 5, "the leader's Prometheus writes")
    terminated_at = time.monotonic()
    assert old.elector.terminate() == 0
    assert not old.has_queue()
    trio.leader(deadline_seconds=LEASE_SECONDS - 1)
    assert time.monotonic() - terminated_at < LEASE_SECONDS - 1


def test_leader_killed_and_restarted_before_the_expiry_goes_on(trio):
    leader = trio.leader()
    poll(leader.has_queue, 5, "the leader's Prometheus writes")
    reloads = len(leader.prometheus.reloads)
    leader.elector.kill()
    leader.elector.start().wait_until_serving()
    leader.elector.wait_until_leader(2)
    stays(lambda: leader.elector.is_leader() and leader.has_queue(), LEASE_SECONDS, "it leads")
    assert all("remote_write" in reload.config for reload in leader.prometheus.reloads[reloads:])


def test_frozen_leader_wakes_without_authority(trio):
    old = trio.leader()
    old.elector.freeze()
    poll(lambda: any(replica.elector.is_leader() for replica in trio.replicas if replica is not old), 10,
         "another member leads")
    old.elector.thaw()
    assert not old.elector.is_leader()
    poll(lambda: not old.has_queue(), 3, "the old leader's Prometheus stops writing")
