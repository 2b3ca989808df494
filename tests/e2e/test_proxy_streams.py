"""Bodies that do not fit into memory, and clients and servers that are slower than each other."""
import http.client
import os
import socket

import pytest

from lib import raw_http, web
from lib.elector import LONG_LEASE, proxy_flags
from lib.polling import poll
from lib.upstream import BLOCK

# The body that must pass through 64 MiB of memory; a smaller one for a quick look.
BODY_BYTES = int(float(os.environ.get("PROMFLEET_E2E_BODY_GB", "5")) * 1e9)
RSS_LIMIT = 64 << 20


@pytest.fixture
def elector(new_fleet, upstream):
    flags = {**LONG_LEASE, **proxy_flags(upstream.port)}
    return new_fleet(prometheus="fake", flags=flags).start(1).leader().elector


def test_large_answer_passes_through_little_memory(elector):
    client = web.connect(elector.url, timeout_seconds=30)
    client.request("GET", f"/bytes/{BODY_BYTES}")
    answer, buffer, received = client.getresponse(), bytearray(len(BLOCK)), 0
    while count := answer.readinto(buffer):
        received += count
    assert received == BODY_BYTES
    assert elector.rss_peak_bytes() <= RSS_LIMIT


def test_large_request_passes_through_little_memory(elector):
    client = web.connect(elector.url, timeout_seconds=30)
    client.putrequest("POST", "/sink")
    client.putheader("Content-Length", str(BODY_BYTES))
    client.endheaders()
    for offset in range(0, BODY_BYTES, len(BLOCK)):
        client.send(memoryview(BLOCK)[:min(len(BLOCK), BODY_BYTES - offset)])
    assert int(client.getresponse().read()) == BODY_BYTES
    assert elector.rss_peak_bytes() <= RSS_LIMIT


def test_chunked_bodies_pass_in_both_directions(elector):
    client = web.connect(elector.url)
    client.request("POST", "/sink", iter([b"a" * 100_000, b"b" * 7]), encode_chunked=True,
                   headers={"Transfer-Encoding": "chunked"})
    assert client.getresponse().read() == b"100007"
    client.request("GET", "/chunked/3000000")
    assert len(client.getresponse().read()) == 3_000_000


def test_client_that_does_not_read_stops_the_upstream(elector, upstream):
    client = web.connect(elector.url)
    client.request("GET", "/bytes/1000000000")
    poll(lambda: upstream.bytes_sent > 0, 20, "the answer begins")
    seen = []

    def has_stopped():
        seen.append(upstream.bytes_sent)
        return len(seen) > 10 and seen[-1] == seen[-10]
    poll(has_stopped, 20, "the upstream has to wait")
    assert upstream.bytes_sent < 100 << 20 and elector.rss_peak_bytes() <= RSS_LIMIT
    client.close()
    assert upstream.abandoned.wait(20)


def test_answer_that_breaks_off_upstream_is_not_passed_off_as_whole(elector):
    client = web.connect(elector.url)
    client.request("GET", "/broken/1000")
    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
        client.getresponse().read()


def test_expect_100_continue_is_answered_before_the_body_is_sent(elector):
    head = b"POST /sink HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
    with socket.create_connection(("127.0.0.1", elector.port), 20) as connection:
        connection.sendall(head)
        assert raw_http.status(raw_http.read_head(connection)) == 100
        connection.sendall(b"hello")
        assert raw_http.status(raw_http.read_head(connection)) == 200


@pytest.mark.parametrize("status", [204, 304, 404, 500])
def test_answers_keep_their_status(elector, status):
    assert elector.get(f"/status/{status}").status == status


def test_head_has_no_body_and_the_connection_goes_on(elector):
    client = web.connect(elector.url)
    client.request("HEAD", "/")
    answer = client.getresponse()
    assert answer.status == 200 and answer.read() == b"" and answer.getheader("Content-Length") == "6"
    client.request("GET", "/")
    assert client.getresponse().read() == b"hello\n"


def test_pipelined_requests_are_answered_in_order(elector):
    request = b"GET %b HTTP/1.1\r\nHost: x\r\n%b\r\n"
    data = request % (b"/status/404", b"") + request % (b"/", b"Connection: close\r\n")
    received, is_closed = raw_http.exchange(elector.port, data)
    assert raw_http.statuses(received) == [404, 200] and is_closed
