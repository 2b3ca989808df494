"""A standard error that nobody reads: a pipe whose reader has stopped, or one that is closed."""
import fcntl
import os
import select
import signal

import pytest

from lib.elector import lease_of
from lib.polling import poll, stays

PIPE_BYTES = 4096
LEASE_SECONDS = 9


@pytest.fixture
def unread(folder):
    """Path of a pipe that is held open and not read."""
    path = folder / "log.pipe"
    folder.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)
    descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    yield path, descriptor
    os.close(descriptor)


def test_member_whose_log_nobody_reads_renews_demotes_and_ends_in_time(new_fleet, unread):
    path, descriptor = unread
    fleet = new_fleet(prometheus="fake", flags=lease_of(LEASE_SECONDS))
    leader, follower = fleet.add("prometheus-0"), fleet.add("prometheus-1")
    leader.elector.log_path = path
    leader.init()
    leader.prometheus.start()
    leader.elector.start().wait_until_leader()
    poll(leader.has_queue, 20, "the leader's Prometheus writes")
    follower.init()
    follower.prometheus.start()
    follower.elector.start().wait_until_serving()
    writable = select.poll()
    writable.register(descriptor, select.POLLOUT)
    good = leader.config.read_text()

    def is_full_after_another_line():
        leader.config.write_text(f"broken: [{os.urandom(4).hex()}")
        return not writable.poll(0)
    poll(is_full_after_another_line, 30, "the pipe is full")
    leader.config.write_text(good)
    stays(lambda: leader.elector.is_leader() and not follower.has_queue(), LEASE_SECONDS + 3, "the leader leads")
    leader.elector.signal(signal.SIGTERM)
    poll(follower.elector.is_leader, LEASE_SECONDS - 1, "the lease is released at once")
    assert not leader.has_queue()
    assert leader.elector.wait() == 0


def test_closed_standard_descriptors_are_no_place_for_files_and_sockets(new_fleet):
    closing = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"]
    replica = new_fleet(prometheus="fake").add("prometheus-0", wrapper=closing)
    replica.init()
    elector = replica.elector.start().wait_until_serving()
    assert [os.readlink(f"/proc/{elector.pid}/fd/{number}") for number in range(3)] == ["/dev/null"] * 3
