"""What keeps a process from ending, and does not keep this one."""
import ctypes
import os
import select
import signal

import pytest

from lib.polling import poll

FAN_CLASS_CONTENT, FAN_NONBLOCK, FAN_CLOEXEC = 0x4, 0x2, 0x1
FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD = 0x1, 0x10000, -100


class HangingFile:
    """Whoever opens the file waits, as on a mount that hangs, until this is closed (fanotify(7)).

    Only root may hold up an open(); without that right the test is skipped."""

    def __init__(self, path):
        libc = ctypes.CDLL(None, use_errno=True)
        self._descriptor = libc.fanotify_init(FAN_CLASS_CONTENT | FAN_NONBLOCK | FAN_CLOEXEC, os.O_RDONLY)
        if self._descriptor < 0:
            pytest.skip("fanotify needs CAP_SYS_ADMIN")
        mask = ctypes.c_uint64(FAN_OPEN_PERM)
        if libc.fanotify_mark(self._descriptor, FAN_MARK_ADD, mask, AT_FDCWD, os.fsencode(path)) != 0:
            self.close()
            pytest.skip("the kernel lets nobody hold up an open()")

    def is_being_opened(self):
        return bool(select.select([self._descriptor], [], [], 0)[0])

    def close(self):
        os.close(self._descriptor)


@pytest.fixture
def hanging_leader(new_fleet):
    """A leader whose configuration is being read from a mount that hangs."""
    leader = new_fleet(prometheus="fake").start(1).leader()
    hanging = HangingFile(leader.config)
    try:
        poll(hanging.is_being_opened, 30, "the configuration is being read")
        yield leader
    finally:
        hanging.close()


def test_member_demotes_and_releases_and_ends_though_a_read_hangs(hanging_leader):
    assert hanging_leader.elector.terminate() == 0
    assert not hanging_leader.has_queue()
    assert "a file that hangs" in hanging_leader.elector.log()


def test_second_signal_ends_at_once_what_the_first_one_cannot(hanging_leader):
    hanging_leader.prometheus.stop()
    hanging_leader.elector.signal(signal.SIGTERM)
    hanging_leader.elector.wait_for_log("asked to end")
    assert hanging_leader.elector.terminate(20) in (0, 1)
