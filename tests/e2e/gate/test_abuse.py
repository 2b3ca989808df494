"""Whoever reaches a gate and is no Prometheus: answered, bounded, and Prometheus' own writes go on."""
import contextlib
import socket
import time

import pytest

from lib import raw_http, snappy, web
from lib.elector import LONG_LEASE
from lib.polling import poll
from lib.protobuf import encode_varint

PATH = "/api/v1/write"
HELD = 'promfleet_gate_held_requests{destination="/api/v1/write"}'
DAMAGED = {
    "text": (b"up 1\n", 400),
    "nothing": (b"", 400),
    "a length alone": (encode_varint(1000), 400),
    "4 GiB in five bytes": (encode_varint((1 << 32) - 1) + b"\x00", 413),
    "a copy of what is not there": (encode_varint(4) + b"\x09\x08", 400),
    "a message that breaks off": (snappy.compress(b"\x0a\x7f\x0a"), 400),
    "a group": (snappy.compress(b"\x0b\x0c"), 400),
}
NO_WRITES = {
    "another method": ({"method": "GET"}, 405),
    "another path": ({"path": "/api/v1/read"}, 404),
    "JSON": ({"fields": ["Content-Type: application/json"]}, 415),
    "gzip": ({"fields": ["Content-Encoding: gzip"]}, 415),
    "40 MB": ({"length": 40_000_000}, 413),
}


@pytest.fixture
def fleet(new_gate_fleet):
    return new_gate_fleet(flags=LONG_LEASE).start(["3.15"])


def head(replica, *fields, method="POST", path=PATH):
    """The request's first line and fields; what follows is the caller's."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port_of(replica)}", *fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def port_of(replica):
    return int(replica.write_url.split(":")[2].split("/")[0])


def wait_until_new_samples_are_stored(fleet):
    fleet.sink.wait_until_written(fleet.group, int(time.time() * 1000) + 1_000)


def test_damaged_writes_are_refused_and_nothing_of_them_is_passed_on(fleet):
    leader = fleet.writing_leader()
    answers = {kind: web.post(leader.write_url, body).status for kind, (body, _) in DAMAGED.items()}
    assert answers == {kind: status for kind, (_, status) in DAMAGED.items()}
    assert fleet.judgement() == ""
    assert fleet.sink.totals()["refused"] == {}


def head_of_no_write(replica, *, length=0, fields=(), **first_line):
    return head(replica, f"Content-Length: {length}", *fields, **first_line)


def test_what_is_no_write_is_refused_before_its_body_is_read(fleet):
    leader = fleet.writing_leader()
    answers = {what: raw_http.exchange(port_of(leader), head_of_no_write(leader, **words))[0]
               for what, (words, _) in NO_WRITES.items()}
    assert {what: raw_http.status(answer) for what, answer in answers.items()} == {
        what: status for what, (_, status) in NO_WRITES.items()}


@pytest.mark.parametrize("message, content_type", [
    (b"\x0a\x00", "application/x-protobuf"),  # a series
    (b"\x1a\x00", "application/x-protobuf"),  # metadata
    (b"\x22\x00", "application/x-protobuf;proto=io.prometheus.write.v2.Request"),  # a symbol
])
def test_write_whose_values_take_many_times_its_bytes_is_refused(fleet, message, content_type):
    leader = fleet.writing_leader()
    answer = web.post(leader.write_url, snappy.repeat(message, 32 << 20), {"Content-Type": content_type})
    assert answer.status == 413
    assert leader.elector.rss_peak_bytes() < 400 << 20
    assert leader.elector.rss_bytes() < 40 << 20
    wait_until_new_samples_are_stored(fleet)


def test_writes_that_announce_all_that_may_be_held_keep_prometheus_out_for_no_time(fleet):
    leader = fleet.writing_leader()
    with contextlib.ExitStack() as crowd:
        for field in ("Content-Length: 33554432", "Transfer-Encoding: chunked"):
            connection = crowd.enter_context(socket.create_connection(("127.0.0.1", port_of(leader)), 10))
            connection.sendall(head(leader, field) + b"1\r\nx")
        poll(lambda: leader.elector.metrics()[HELD] >= 2, 20, "they are held")
        wait_until_new_samples_are_stored(fleet)
    assert fleet.judgement() == ""


def test_crowd_that_never_finishes_its_writes_disturbs_nobody(fleet):
    leader = fleet.writing_leader()
    crowd = []
    for _ in range(300):
        crowd.append(socket.create_connection(("127.0.0.1", port_of(leader)), 10))
        with contextlib.suppress(OSError):  # it was cut off, to make room
            crowd[-1].sendall(head(leader, "Content-Length: 100000") + b"x" * 10_000)
    poll(lambda: leader.elector.metrics()[HELD] > 200, 20, "as many as there may be are held")
    wait_until_new_samples_are_stored(fleet)
    assert leader.elector.rss_bytes() < 100 << 20
    for connection in crowd:
        connection.close()
    poll(lambda: leader.elector.metrics()[HELD] <= 1, 20, "none is held any more")
    assert fleet.judgement() == ""
