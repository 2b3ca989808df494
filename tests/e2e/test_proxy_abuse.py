"""Clients that are hostile, broken or too many: bounded, answered where they can be, and nothing else suffers."""
import contextlib
import resource
import socket

import pytest

from lib import peers, raw_http
from lib.elector import lease_of, proxy_flags
from lib.polling import poll, stays


@pytest.fixture
def new_proxied(new_fleet, upstream):
    """A function that starts a single leader whose proxy leads to `upstream`."""
    def start(limits=None):
        fleet = new_fleet(prometheus="fake", flags={**lease_of(9), **proxy_flags(upstream.port)})
        replica = fleet.add("prometheus-0", limits=limits)
        fleet.launch()
        return replica
    return start


@pytest.fixture
def elector(new_proxied):
    return new_proxied().elector


# Each would let a proxy and its upstream disagree where a request ends (RFC 9112 sections 6 and 11.2).
SMUGGLING = {
    "length and chunked": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
                          b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
    "list of lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4, 5\r\n\r\nabcde",
    "signed length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +4\r\n\r\nabcd",
    "hexadecimal length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x4\r\n\r\nabcd",
    "length beyond 64 bits": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551620\r\n\r\nabcd",
    "unknown transfer encoding": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunked twice": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "chunked not last": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "transfer encoding in HTTP/1.0": b"POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "space before the colon": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "folded field": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "bare CR in a field": b"GET / HTTP/1.1\r\nHost: x\r\nX: a\rTransfer-Encoding: chunked\r\n\r\n",
    "NUL in a field": b"GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n",
    "NUL in the target": b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n",
    "control in a field's name": b"GET / HTTP/1.1\r\nHost: x\r\nX\x01Y: a\r\n\r\n",
    "negative chunk": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
    "chunk beyond 64 bits": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                            b"10000000000000004\r\nabcd",
    "chunk without its end": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n",
    "last chunk before a lone CR": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\rX",
    "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "another protocol version": b"GET / HTTP/3.0\r\nHost: x\r\n\r\n",
    "two words": b"GET /\r\nHost: x\r\n\r\n",
}


def test_smuggling_input_gets_400_and_a_closed_connection(elector, upstream):
    probe = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    for kind, request in SMUGGLING.items():
        received, is_closed = raw_http.exchange(elector.port, request + probe)
        assert is_closed and raw_http.statuses(received) in ([400], [505], [501]), kind
        assert "/smuggled" not in upstream.paths(), kind
        assert elector.get("/").status == 200, kind


def test_upgrade_is_passed_on_as_if_nobody_had_asked_for_it(elector, upstream):
    received, _ = raw_http.exchange(elector.port, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\n"
                                                  b"Upgrade: websocket\r\n\r\n")
    assert raw_http.statuses(received) == [200]
    request, = upstream.received
    assert all("upgrade" not in name.lower() for name, _ in request.headers)


def test_connect_is_refused(elector, upstream):
    received, _ = raw_http.exchange(elector.port, b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n")
    assert raw_http.status(received) in (400, 405, 501) and not upstream.received


def test_too_many_header_bytes_get_431(elector):
    fields = b"".join(b"X-Field-%d: %b\r\n" % (number, b"v" * 1000) for number in range(70))
    received, is_closed = raw_http.exchange(elector.port, b"GET / HTTP/1.1\r\nHost: x\r\n" + fields + b"\r\n")
    assert raw_http.status(received) == 431 and is_closed


def test_too_long_target_gets_414(elector):
    received, is_closed = raw_http.exchange(elector.port, b"GET /%b HTTP/1.1\r\nHost: x\r\n\r\n" % (b"a" * 70_000))
    assert raw_http.status(received) == 414 and is_closed


def test_headers_and_target_within_the_limits_pass(elector):
    assert elector.get("/" + "a" * 60_000).status == 200
    assert elector.get("/", headers={f"X-{number}": "v" * 1000 for number in range(60)}).status == 200


def test_too_large_body_for_our_own_endpoints_gets_413(elector):
    head = b"POST /_elector/step-down HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n"
    received, _ = raw_http.exchange(elector.port, head)
    assert raw_http.status(received) == 413


def test_client_that_never_finishes_its_headers_is_dropped(elector):
    with socket.create_connection(("127.0.0.1", elector.port), 60) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        received, is_closed = raw_http.read_until_closed(connection)
    assert is_closed and raw_http.status(received) in (0, 408)


@contextlib.contextmanager
def allow_open_files(count):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        peers.missing(f"{count} open files: this process may have {hard} (ulimit -Hn)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def many_open_files():
    with allow_open_files(12_000):
        yield


@pytest.mark.usefixtures("many_open_files")
def test_10_000_idle_connections_disturb_nobody(new_proxied):
    elector = new_proxied(limits={"nofile": "12000:12000"}).elector
    idle = [socket.create_connection(("127.0.0.1", elector.port), 10) for _ in range(10_000)]
    poll(lambda: elector.open_files() > 10_000, 40, "all connections are accepted")
    assert elector.get("/").status == 200 and elector.is_leader()
    assert elector.rss_bytes() < 256 << 20
    for connection in idle:
        connection.close()
    poll(lambda: elector.open_files() < 100, 40, "the connections are gone")


def test_exhausted_file_descriptors_keep_the_leader_leading_and_pass(new_proxied):
    replica = new_proxied(limits={"nofile": "96:96"})
    crowd = [socket.create_connection(("127.0.0.1", replica.elector.port), 10) for _ in range(200)]
    poll(replica.has_queue, 20, "Prometheus has the leader's configuration")
    stays(replica.has_queue, 10, "Prometheus has the leader's configuration")
    for connection in crowd:
        connection.close()
    poll(lambda: replica.elector.get("/").status == 200, 30, "requests are answered again")
    assert replica.elector.is_leader()
