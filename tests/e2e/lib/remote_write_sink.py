"""A remote-write receiver that records which replica wrote what, and when.

A replica writes to its own URL (write_url), so the sink knows it without looking at labels.
"""
import dataclasses
import threading
import time

from lib import remote_write_format
from lib.http_server import FakeServer
from lib.polling import poll


@dataclasses.dataclass(frozen=True)
class Write:
    replica: str
    received_at: float  # time.monotonic()
    samples: tuple


class RemoteWriteSink(FakeServer):
    def __init__(self):
        self._writes = []
        self._lock = threading.Lock()
        self.is_accepting = threading.Event()
        self.is_accepting.set()
        super().__init__()

    def write_url(self, replica):
        return f"{self.url}/write/{replica}"

    def respond(self, method, path, headers, body):
        """While `is_accepting` is clear requests wait, as at a receiver that has stopped answering."""
        self.is_accepting.wait()
        write = Write(path.rpartition("/")[2], time.monotonic(), tuple(remote_write_format.decode(body)))
        with self._lock:
            self._writes.append(write)
        return 204, b""

    def writes(self, replica=None, since=0.0):
        with self._lock:
            return [write for write in self._writes
                    if replica in (None, write.replica) and write.received_at > since and write.samples]

    def writers(self, since=0.0):
        return {write.replica for write in self.writes(since=since)}

    def turns(self, since=0.0):
        """The replicas in the order of their writes, each once a turn: ["a", "b"] is one clean handover."""
        writers = [write.replica for write in self.writes(since=since)]
        return [writer for writer, before in zip(writers, [None, *writers], strict=False) if writer != before]

    def last_write(self, replica):
        """When the replica wrote last, in time.monotonic(); 0 if never."""
        return max((write.received_at for write in self.writes(replica)), default=0.0)

    def first_write(self, replica, since=0.0):
        return min((write.received_at for write in self.writes(replica, since)), default=None)

    def wait_for_writer(self, replica, deadline_seconds=30):
        """Returns when the first write that arrives from now on came."""
        since = time.monotonic()
        return poll(lambda: self.first_write(replica, since), deadline_seconds, f"{replica} writes")

    def wait_for_sole_writer(self, replica, deadline_seconds=30, quiet_seconds=1.5):
        """Until `replica` has written and nobody else has for `quiet_seconds`."""
        poll(lambda: self.writers(time.monotonic() - quiet_seconds) == {replica}, deadline_seconds,
             f"{replica} is the only writer")
