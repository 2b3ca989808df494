"""The parts of this suite that judge others, checked against real parts."""
import http.client
import os
import pathlib
import signal
import ssl
import time

import pytest
import yaml

from lib import containers, folders, helm, kube, ports, web
from lib.browser import Browser
from lib.certificates import Authority, server_tls
from lib.containers import Mount
from lib.contender import PROGRAMS, Contender
from lib.fake_prometheus import FakePrometheus
from lib.fault_proxy import FaultProxy
from lib.fleet import follower_section, leader_section
from lib.polling import poll
from lib.ports import free_port
from lib.prometheus import Prometheus
from lib.upstream import Upstream
from lib.volume import Volume


def test_every_test_has_a_folder_of_its_own():
    names = ["test_a[/-/quit]", "test_a[//-/quit]", "test_a[/-/quit/]", f"test_{'a' * 120}", f"test_{'a' * 119}b"]
    folder_names = [folders.name_for(name) for name in names]
    assert len(set(folder_names)) == len(names) and all(len(name) <= 120 for name in folder_names)
    assert folders.name_for("test_plain.name-1") == "test_plain.name-1"


def test_helm_does_not_hear_of_the_callers_cluster(monkeypatch):
    monkeypatch.setenv("HELM_KUBEAPISERVER", "https://callers.example")
    assert "callers.example" not in helm.run("env")


def test_ports_are_those_that_no_outgoing_connection_gets_if_there_are_any():
    assert ports.outside(range(10, 20), 32_768, 60_999) == [*range(10, 20)]
    assert ports.outside(range(10, 20), 15, 60_999) == [*range(10, 15)]
    assert ports.outside(range(10, 20), 1, 65_535) == [*range(10, 20)]


def start_writing_prometheus(folder, processes, sink, version):
    port = free_port()
    config = folder / "prometheus.yml"
    config.write_text(yaml.safe_dump({**follower_section("r1", port), **leader_section(sink.write_url("r1"))}))
    prometheus = Prometheus(folder, config, version=version, port=port)
    processes.append(prometheus.start())
    return prometheus.wait_until_ready()


@pytest.mark.parametrize("version", ["3.15", "2.42"])
def test_sink_records_what_a_real_prometheus_writes(folder, processes, sink, version):
    prometheus = start_writing_prometheus(folder, processes, sink, version)
    sink.wait_for_sole_writer("r1")
    sample = poll(lambda: [sample for write in sink.writes("r1") for sample in write.samples if sample.name == "up"][0],
                  20, "a scrape's own sample is there")
    assert dict(sample.labels)["replica"] == "r1" and sample.value == 1
    assert abs(sample.timestamp_ms / 1000 - time.time()) < 60
    assert prometheus.remote_write_queues() == {sink.write_url("r1")}


def test_sink_sees_a_removed_remote_write_stop(folder, processes, sink):
    prometheus = start_writing_prometheus(folder, processes, sink, "3.15")
    sink.wait_for_sole_writer("r1")
    prometheus.config_path.write_text(yaml.safe_dump(follower_section("r1", prometheus.port)))
    assert prometheus.reload().status == 200
    assert prometheus.remote_write_queues() == set()
    poll(lambda: not sink.writes(since=time.monotonic() - 2), 20, "nobody writes any more")


def test_service_account_may_use_leases_and_nothing_else(namespace):
    token = namespace.token()
    leases = f"/apis/coordination.k8s.io/v1/namespaces/{namespace.name}/leases"
    assert namespace.request("GET", leases, token=token).status == 200
    assert namespace.request("POST", leases, {"metadata": {"name": "x"}}, token=token).status == 201
    assert namespace.request("DELETE", leases + "/x", token=token).status == 403
    assert namespace.request("GET", f"/api/v1/namespaces/{namespace.name}/secrets", token=token).status == 403


def test_role_by_resource_name_allows_list_and_watch_of_that_name_only(api_server):
    namespace = kube.Namespace(api_server, rules=kube.rules_for_one_lease("prometheus"))
    leases = f"/apis/coordination.k8s.io/v1/namespaces/{namespace.name}/leases"
    token = namespace.token()
    assert namespace.request("GET", leases, token=token).status == 403
    assert namespace.request("GET", leases + "?fieldSelector=metadata.name%3Dprometheus", token=token).status == 200


def test_token_bound_to_a_secret_ends_with_it(namespace):
    namespace.create_secret("rotated")
    token = namespace.token(bound_secret="rotated")
    leases = f"/apis/coordination.k8s.io/v1/namespaces/{namespace.name}/leases"
    assert namespace.request("GET", leases, token=token).status == 200
    namespace.delete_secret("rotated")
    poll(lambda: namespace.request("GET", leases, token=token).status == 401, 30, "the token is refused")


@pytest.fixture
def broken_line(folder, api_server):
    """A fault proxy in front of the API server, and a function that asks for /readyz through it."""
    authority = Authority(folder / "proxy-authority")
    upstream = ssl.create_default_context(cafile=api_server.ca_path)
    proxy = FaultProxy(api_server.port, server_tls=server_tls(*authority.issue("proxy")), client_tls=upstream)
    headers = {"Authorization": "Bearer admintoken"}

    def ask(timeout_seconds=20):
        return web.get(f"https://127.0.0.1:{proxy.port}/readyz", headers, tls=authority.client_tls(),
                       timeout_seconds=timeout_seconds).status

    yield proxy, ask
    proxy.stop()


def test_fault_proxy_passes_and_records_requests_and_tokens(broken_line):
    proxy, ask = broken_line
    assert ask() == 200
    assert proxy.request_lines == ["GET /readyz HTTP/1.1"] and proxy.tokens == {"admintoken"}


def test_fault_proxy_cuts_black_holes_slows_answers_and_heals(broken_line):
    proxy, ask = broken_line
    proxy.cut()
    with pytest.raises(ConnectionRefusedError):
        ask()
    proxy.black_hole()
    with pytest.raises(TimeoutError):
        ask(timeout_seconds=0.5)
    proxy.slow(0.3)
    started = time.monotonic()
    assert ask() == 200 and time.monotonic() - started >= 0.6
    proxy.answer(500)
    assert ask() == 500
    proxy.lose_answers()
    with pytest.raises(TimeoutError):
        ask(timeout_seconds=0.5)
    proxy.heal()
    assert ask() == 200


def test_fault_proxy_stalls_what_is_open_and_lets_new_connections_work():
    with Upstream() as upstream:
        proxy = FaultProxy(upstream.port)
        stalled = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=20)
        stalled.request("GET", "/")
        assert stalled.getresponse().read()
        proxy.stall_connections()
        stalled.request("GET", "/stalled")
        assert web.get(f"http://127.0.0.1:{proxy.port}/new").status == 200
        assert "/stalled" not in upstream.paths()
        proxy.heal()
        assert stalled.getresponse().status == 200
        stalled.close()
        proxy.stop()


def test_browser_measures_and_photographs_a_page(folder):
    page = folder / "page.html"
    page.write_text("<meta name=viewport content='width=device-width'><style>@media (prefers-color-scheme: dark)"
                    "{body{background:#000}}</style><div style='width:700px'>wide</div>")
    with Browser(folder) as browser:
        browser.open(page.as_uri(), width=390, color_scheme="dark")
        assert browser.evaluate("document.documentElement.scrollWidth") > 390
        assert browser.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(0, 0, 0)"
        browser.screenshot(folder / "page.png")
        assert browser.requested_urls == [page.as_uri()]
    assert (folder / "page.png").read_bytes().startswith(b"\x89PNG")


def test_upstream_streams_counts_and_notices_who_leaves():
    with Upstream() as upstream:
        url = f"http://127.0.0.1:{upstream.port}"
        assert len(web.get(f"{url}/bytes/3000000").body) == 3_000_000
        assert len(web.get(f"{url}/chunked/3000000").body) == 3_000_000
        assert web.post(f"{url}/sink", b"x" * 100_000).text() == "100000"
        client = web.connect(url)
        client.request("GET", "/hang")
        client.close()
        assert upstream.abandoned.wait(20)


def test_fake_prometheus_executes_reloads_and_remembers_them(folder, sink):
    config = folder / "prometheus.yml"
    config.write_text(yaml.safe_dump(leader_section(sink.write_url("r1"))))
    prometheus = FakePrometheus(config)
    prometheus.reload_answers = [(500, "half", False)]
    assert web.post(prometheus.url + "/-/reload").text() == "half"
    assert prometheus.remote_write_queues() == set()
    assert web.post(prometheus.url + "/-/reload").status == 200
    assert prometheus.remote_write_queues() == {sink.write_url("r1")}
    prometheus.stop()


def test_volume_swaps_all_its_files_at_once(folder):
    volume = Volume(folder / "volume", {"a": "1", "b": "1"})
    volume.update({"a": "2", "c": "2"})
    assert {path.name: path.read_text() for path in volume.path.iterdir() if not path.name.startswith("..")} == {
        "a": "2", "c": "2"}


@pytest.mark.parametrize("version", PROGRAMS)
def test_contenders_lead_release_and_take_over(folder, namespace, processes, version):
    kubeconfig = kube.write_kubeconfig(folder / "kubeconfig", port=namespace.server.port,
                                       ca_path=namespace.server.ca_path, user={"token": namespace.token()})
    members = [Contender(folder, name, version=version, kubeconfig=kubeconfig, namespace=namespace.name,
                         lease_name="prometheus") for name in ("a", "b")]
    processes.extend(members)
    members[0].start().wait_until_leader()
    members[1].start()
    assert members[0].terminate() == 0
    members[1].wait_until_leader()
    assert namespace.lease("prometheus")["spec"]["holderIdentity"] == "b"


def test_killed_container_leaves_neither_its_program_nor_a_mount(folder, processes):
    config, data = folder / "prometheus.yml", folder / "data"
    config.write_text("{}")
    data.mkdir()
    containers.give_to(containers.PROMETHEUS_USER, data)
    container = containers.run_container(
        containers.prometheus_image(),
        ["--config.file=/config.yml", "--storage.tsdb.path=/data", f"--web.listen-address=127.0.0.1:{free_port()}"],
        name="prometheus", folder=folder, mounts=[Mount(config, "/config.yml", "ro"), Mount(data, "/data")])
    processes.append(container)
    container.wait_for_log("Server is ready to receive web requests")
    program = pathlib.Path(f"/proc/{container.pid}")
    assert (program / "exe").readlink().name == "prometheus"
    container.kill()
    poll(lambda: not program.exists(), 20, "its program is gone")
    container.signal(signal.SIGTERM)  # does nothing any more
    assert os.environ[containers.STORE] not in pathlib.Path("/proc/mounts").read_text()
