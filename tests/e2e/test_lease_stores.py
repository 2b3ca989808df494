"""The conformance suite of lease stores (src/election/stores/conformance_testing.h) against real servers."""
import base64
import json
import subprocess

import pytest

from lib import kube, peers, web
from lib.etcd import Etcd
from lib.polling import poll
from lib.ports import free_port

LEASES = "/promfleet/leases/"
VERSIONS = pytest.mark.parametrize("version", ["3.4", "3.7"])


def conforms(folder, backend, **options):
    """Every test of the suite passes, with the options as --name=value."""
    arguments = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    with open(folder / "conformance.log", "wb") as log:
        subprocess.run([peers.store_conformance(), f"--backend={backend}", *arguments], stdout=log,
                       stderr=subprocess.STDOUT, check=True, timeout=120)


@pytest.fixture
def new_etcd(folder, processes):
    def create(version):
        etcd = Etcd(folder, version=version).start()
        processes.append(etcd)
        poll(lambda: call(etcd, "kv/range", {"key": text("x")}), 30, "etcd answers")
        return etcd
    return create


def call(etcd, path, value, token=None):
    """Calls etcd's JSON gateway as whoever sets it up."""
    headers = {"Authorization": token} if token else {}
    answer = web.post(f"{etcd.url}/v3/{path}", json.dumps(value), headers)
    assert answer.status == 200, answer.text()
    return answer.json()


def text(value):
    return base64.b64encode(value.encode()).decode()


def allow_leases_alone(etcd):
    """A user `elector` whose role may read and write leases, and nothing else; then authentication is switched on."""
    for user in ("root", "elector"):
        call(etcd, "auth/user/add", {"name": user, "password": f"{user}-password"})
        call(etcd, "auth/role/add", {"name": user})
        call(etcd, "auth/user/grant", {"user": user, "role": user})
    permission = {"permType": "READWRITE", "key": text(LEASES), "range_end": text(LEASES[:-1] + "0")}
    call(etcd, "auth/role/grant", {"name": "elector", "perm": permission})
    call(etcd, "auth/enable", {})


@VERSIONS
def test_etcd(new_etcd, folder, version):
    etcd = new_etcd(version)
    conforms(folder, "etcd", endpoints=etcd.url)


@VERSIONS
def test_etcd_with_a_user_that_may_touch_leases_alone(new_etcd, folder, version):
    etcd = new_etcd(version)
    allow_leases_alone(etcd)
    password = folder / "password"
    password.write_text("elector-password\n")
    conforms(folder, "etcd", endpoints=etcd.url, user="elector", password_file=password)


def test_etcd_behind_an_endpoint_that_is_down(new_etcd, folder):
    etcd = new_etcd("3.7")
    conforms(folder, "etcd", endpoints=f"http://127.0.0.1:{free_port()},{etcd.url}")


def test_kubernetes_with_the_documented_role(api_server, namespace, folder):
    conforms_on_kubernetes(api_server, namespace, folder)


def test_kubernetes_with_the_role_for_one_lease(api_server, folder):
    namespace = kube.Namespace(api_server, kube.rules_for_one_lease("prometheus"))
    conforms_on_kubernetes(api_server, namespace, folder)


def conforms_on_kubernetes(api_server, namespace, folder):
    token = folder / "token"
    token.write_text(namespace.token())
    member = kube.write_kubeconfig(folder / "member", port=api_server.port, ca_path=api_server.ca_path,
                                   user={"tokenFile": str(token)})
    admin = kube.write_kubeconfig(folder / "admin", port=api_server.port, ca_path=api_server.ca_path,
                                  user={"token": kube.ADMIN_TOKEN})
    conforms(folder, "kubernetes", kubeconfig=member, admin_kubeconfig=admin, namespace=namespace.name,
             name="prometheus")
