"""The leader proxy with real Prometheus servers: every member's port answers with the leader's data."""
import functools
import socket
import threading
import time

import pytest

from lib import isolation, web
from lib.elector import LONG_LEASE, proxy_flags
from lib.polling import poll
from lib.ports import free_port
from lib.upstream import Upstream

SERVICE = "prometheus-headless"
QUERY = "/api/v1/query?query=prometheus_build_info"
FORBIDDEN = ["/-/quit", "/-/reload", "/api/v1/admin/tsdb/snapshot", "//-/quit", "/-//quit", "/%2d/quit", "/-/%71uit",
             "/./-/quit", "/x/../-/quit", "/-/quit/", "/-/quit?x", "/-%2fquit", "/api/v1/./admin/tsdb/snapshot",
             "/api/v1/%61dmin/tsdb/snapshot"]


@pytest.fixture
def new_proxied_fleet(new_fleet):
    """A function that starts two replicas, with more flags.

    Their names resolve, as in a cluster, through an /etc/hosts that only the electors see."""
    return lambda flags: start_proxied(new_fleet(flags={**LONG_LEASE, **flags}))


@pytest.fixture
def proxied_fleet(new_proxied_fleet):
    return new_proxied_fleet({})


def start_proxied(fleet):
    hosts_path, remote_port = fleet.folder / "hosts", free_port()
    lines = ["127.0.0.1 localhost", "::1 localhost"]
    for number in range(2):
        name, address = f"prometheus-{number}", f"127.0.1.{number + 1}"
        replica = fleet.add(name, wrapper=isolation.with_hosts(hosts_path), flags={
            "api-proxy-prometheus-remote-port": remote_port})
        replica.elector.flags |= proxy_flags(replica.prometheus.port, SERVICE)
        replica.prometheus.command.append(f"--web.listen-address={address}:{remote_port}")
        lines.append(f"{address} {name}.{SERVICE}")
    hosts_path.write_text("\n".join(lines) + "\n")
    return fleet.launch()


@pytest.fixture
def proxied(new_fleet, upstream):
    """A single leader whose proxy leads to `upstream`."""
    return new_fleet(prometheus="fake", flags={**LONG_LEASE, **proxy_flags(upstream.port)}).start(1).leader()


def who_answers(elector):
    """The replica whose Prometheus answers at this elector's port."""
    return elector.get("/api/v1/status/config").json()["data"]["yaml"].partition("replica: ")[2].split()[0]


def query(elector):
    return elector.get(QUERY).json()["data"]["result"]


def test_every_member_answers_with_the_leaders_data(proxied_fleet):
    leader = proxied_fleet.leader()
    assert [who_answers(replica.elector) for replica in proxied_fleet.replicas] == [leader.name] * 2


def test_real_queries_go_through_as_get_and_as_post(proxied_fleet):
    for replica in proxied_fleet.replicas:
        result = poll(functools.partial(query, replica.elector), 20, "the query has a result")
        assert result[0]["metric"]["__name__"] == "prometheus_build_info"
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = replica.elector.post("/api/v1/query", b"query=1%2B1", headers=form)
        assert answer.json()["data"]["result"][1] == "2"


def test_query_waits_for_the_next_leader_when_the_leader_is_shut_down(new_proxied_fleet):
    proxied_fleet = new_proxied_fleet({"api-proxy-failover-wait": "40s"})
    old, new = proxied_fleet.leader(), proxied_fleet.followers()[0]
    old.prometheus.signal(15)
    old.elector.signal(15)
    statuses = []

    def is_answered_by_the_new_one():  # at first the old one may still answer
        answer = new.elector.get("/api/v1/status/config", timeout_seconds=60)
        statuses.append(answer.status)
        return f"replica: {new.name}" in answer.text()
    poll(is_answered_by_the_new_one, 60, "the new leader answers")
    assert set(statuses) == {200}


def test_request_that_is_not_idempotent_is_not_sent_twice_to_a_dead_leader(proxied_fleet):
    old, survivor = proxied_fleet.leader(), proxied_fleet.followers()[0]
    old.prometheus.kill()
    old.elector.kill()
    answer = survivor.elector.post("/api/v1/write", b"x")
    assert answer.status in (502, 503)


def test_without_a_leader_the_answer_is_503_with_retry_after_once_the_wait_is_over(new_fleet, upstream):
    flags = {**proxy_flags(upstream.port), "api-proxy-failover-wait": "1s"}
    replica = new_fleet(prometheus="fake").add("prometheus-0", flags=flags)
    replica.init()
    replica.prometheus.is_ready = False
    replica.elector.start().wait_until_serving()
    asked_at = time.monotonic()
    answer = replica.elector.get("/graph")
    assert answer.status == 503 and int(answer.headers["retry-after"]) >= 1
    assert 0.9 <= time.monotonic() - asked_at < 4.9, "that is as long as it waits by itself"
    assert not upstream.received


def test_waiting_request_is_answered_as_soon_as_somebody_leads(new_fleet, upstream):
    flags = {**LONG_LEASE, **proxy_flags(upstream.port), "api-proxy-failover-wait": "60s"}
    replica = new_fleet(prometheus="fake", flags=flags).add("prometheus-0")
    replica.init()
    replica.prometheus.is_ready = False
    replica.elector.start().wait_until_serving()
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(replica.elector.get("/graph", timeout_seconds=60)))
    waiting.start()
    replica.prometheus.is_ready = True
    waiting.join(40)
    assert [answer.status for answer in answers] == [200]


def test_administration_is_refused_however_it_is_spelled(proxied, upstream):
    for path in FORBIDDEN:
        assert proxied.elector.post(path).status in (400, 403), path
        assert not upstream.received, path


def test_administration_is_passed_on_where_it_is_allowed(new_fleet, upstream):
    flags = {**LONG_LEASE, **proxy_flags(upstream.port), "api-proxy-allow-admin": True}
    leader = new_fleet(prometheus="fake", flags=flags).start(1).leader()
    assert leader.elector.post("/-/reload").status == 200
    assert upstream.paths() == ["/-/reload"]


def test_own_endpoints_are_never_proxied(proxied, upstream):
    assert proxied.elector.get("/_elector/nonsense").status == 404
    assert not upstream.received


def test_without_the_proxy_other_paths_are_404_with_a_hint(new_fleet):
    leader = new_fleet(prometheus="fake", flags=LONG_LEASE).start(1).leader()
    answer = leader.elector.get("/graph")
    assert answer.status == 404 and "api-proxy-enabled" in answer.text()


def test_path_query_and_body_arrive_as_they_were_sent(proxied, upstream):
    path = "/a%2Fb/c;d?q=%7Bx%3D%22y%22%7D&&z=a+b"
    assert proxied.elector.post(path, b"x" * 1000).text() == "1000"
    assert upstream.paths() == [path]


def test_hop_by_hop_fields_stay_and_forwarded_fields_are_added(proxied, upstream):
    proxied.elector.get("/", headers={
        "Connection": "keep-alive, X-Private", "X-Private": "1", "Keep-Alive": "timeout=5", "TE": "trailers",
        "Proxy-Authorization": "Basic eDp5", "X-Kept": "yes", "X-Forwarded-For": "192.0.2.1", "Host": "fleet.example"})
    headers = upstream.headers()
    assert headers["x-kept"] == "yes"
    assert not {"x-private", "keep-alive", "te", "proxy-authorization"} & set(headers)
    assert headers["x-forwarded-for"] == "192.0.2.1, 127.0.0.1"
    assert headers["x-forwarded-host"] == "fleet.example" and headers["x-forwarded-proto"] == "http"


def test_localhost_is_tried_on_both_address_families(new_fleet):
    with Upstream(host="::1", family=socket.AF_INET6) as upstream:
        flags = {**LONG_LEASE, **proxy_flags(upstream.port)}
        leader = new_fleet(prometheus="fake", flags=flags).start(1).leader()
        assert leader.elector.get("/").text() == "hello\n"


def test_address_without_a_host_listens_on_both_address_families(new_fleet):
    fleet = new_fleet(prometheus="fake")
    replica = fleet.add("prometheus-0")
    replica.elector.flags["api-listen-address"] = f":{replica.elector.port}"
    fleet.launch()
    for host in ("127.0.0.1", "[::1]"):
        assert web.get(f"http://{host}:{replica.elector.port}/_elector/leader").status == 200


def test_client_that_leaves_cancels_the_request_upstream(proxied, upstream):
    client = web.connect(proxied.elector.url)
    client.request("GET", "/hang")
    poll(lambda: upstream.received, 20, "the request arrives")
    client.close()
    assert upstream.abandoned.wait(20)


def test_requests_are_counted_by_code_and_upstream(proxied):
    proxied.elector.get("/")
    proxied.elector.get("/status/404")
    poll(lambda: sum(value for key, value in proxied.elector.metrics().items() if "proxy" in key and "404" in key) >= 1,
         20, "the answer is counted by its code")
