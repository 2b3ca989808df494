"""Names that stop resolving while members run: what was known last goes on being used."""
import pytest

from lib import isolation
from lib.certificates import server_tls
from lib.elector import lease_of, proxy_flags
from lib.name_server import NameServer
from lib.polling import poll, stays
from lib.ports import free_port

API = "api.test.invalid"
SERVICE = "prometheus.test.invalid"
ADDRESS = "127.0.1.1"


@pytest.fixture
def name_server():
    server = NameServer()
    yield server
    server.stop()


@pytest.fixture
def named_fleet(new_fleet, namespace, name_server):
    """Two replicas that know the API server and each other's Prometheus by name alone."""
    fleet = new_fleet(namespace=namespace, flags=lease_of(9))
    hosts_path, resolver_path, remote_port = fleet.folder / "hosts", fleet.folder / "resolv.conf", free_port()
    wrapper = isolation.with_files({"/etc/hosts": hosts_path, "/etc/resolv.conf": resolver_path})
    for number in range(2):
        name, address = f"prometheus-{number}", f"127.0.1.{number + 1}"
        replica = fleet.add(name, wrapper=wrapper, flags={"api-proxy-prometheus-remote-port": remote_port})
        replica.elector.flags |= proxy_flags(replica.prometheus.port, SERVICE)
        replica.prometheus.command.append(f"--web.listen-address={address}:{remote_port}")
        replica.store.serve_certificate(server_tls(*fleet.proxy_authority.issue(f"api-{number}", hosts=[API])))
        kubeconfig = replica.elector.flags["kubeconfig"]
        kubeconfig.write_text(kubeconfig.read_text().replace("127.0.0.1", API))
        name_server.names[f"{name}.{SERVICE}"] = address
    name_server.names |= {API: "127.0.0.1", SERVICE: ADDRESS}
    hosts_path.write_text("127.0.0.1 localhost\n::1 localhost\n")
    resolver_path.write_text(f"nameserver {name_server.address}\n")
    return fleet.launch()


def answers(replica):
    return replica.elector.get("/api/v1/status/buildinfo").status == 200


def test_service_of_the_proxy_is_shown_with_what_it_resolves_to(named_fleet):
    for replica in named_fleet.replicas:
        poll(lambda shown=replica: shown.elector.status()["service"] == {"name": SERVICE, "addresses": [ADDRESS]}, 20,
             "the status has the addresses")
        page = replica.elector.get("/_elector/").text()
        assert SERVICE in page and ADDRESS in page


@pytest.mark.parametrize("failure", ["silent", "failing"])
def test_dns_that_fails_while_members_run_costs_neither_the_term_nor_the_proxy_nor_a_prompt_end(
        named_fleet, name_server, failure):
    leader, follower, term = named_fleet.leader(), named_fleet.followers()[0], named_fleet.lease()["spec"]["acquireTime"]
    poll(lambda: answers(follower), 20, "the proxy works")
    name_server.fail(failure)
    name_server.questions.clear()
    for _ in range(4):
        for replica in named_fleet.replicas:
            replica.store.reset_connections()
        stays(lambda: leader.elector.is_leader() and answers(follower), 3, "it leads, and the proxy works")
    poll(lambda: {API, SERVICE} <= set(name_server.questions), 60, "both names are asked for in vain")
    assert leader.elector.is_leader() and answers(follower)
    assert named_fleet.lease()["spec"]["acquireTime"] == term
    assert leader.elector.terminate(9) == 0  # the look-ups that are under way take 10 s
    follower.elector.wait_until_leader()
