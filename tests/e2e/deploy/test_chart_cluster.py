"""The chart's objects at work on the real API server: what its service account may do, and an upgrade by helm to it."""
import json

import pytest
import yaml

from lib import former_chart, helm, kube, manifests
from lib.api_server import ADMIN_TOKEN
from lib.fleet import LEASE_NAME
from lib.helm import only
from lib.polling import poll

LEASES = "/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"


@pytest.fixture
def installed(namespace):
    """The namespace with the objects of the chart's defaults; its tokens are those of the rendered account."""
    manifests.create_all(namespace, helm.render({"lease": {"name": LEASE_NAME}}, namespace=namespace.name))
    namespace.account = "prometheus-elector"
    poll(lambda: namespace.may(namespace.account, "get", "leases", group="coordination.k8s.io", name=LEASE_NAME), 20,
         "the API server goes by the rendered Role")
    return namespace


class Releases:
    """helm, in one namespace of the API server."""

    def __init__(self, folder, namespace):
        self.namespace, self.version = namespace, helm.HELM_4
        self.name = namespace.name.replace("test", "prometheus-elector")  # in names that the whole cluster shares
        self.former = former_chart.write(folder)
        server = namespace.server
        self._kubeconfig = kube.write_kubeconfig(folder / "kubeconfig", port=server.port, ca_path=server.ca_path,
                                                 user={"token": ADMIN_TOKEN})

    def install_former(self, *options):
        self.helm("install", self.name, self.former, *options)

    def upgrade(self, values=None):
        self.helm("upgrade", self.name, helm.CHART, "--values=-", text=json.dumps(values or {}))

    def helm(self, *words, text=""):
        return helm.run(*words, f"--namespace={self.namespace.name}", text=text, kubeconfig=self._kubeconfig,
                        version=self.version)

    def stateful_set(self):
        return self.namespace.request("GET", self.path).json()

    def delete_stateful_set_without_its_pods(self):
        assert self.namespace.request("DELETE", f"{self.path}?propagationPolicy=Orphan").status == 200
        orphaning = self.stateful_set()
        orphaning["metadata"]["finalizers"] = []  # what the garbage collector would do, which does not run here
        assert self.namespace.request("PUT", self.path, orphaning).status == 200

    @property
    def path(self):
        return f"/apis/apps/v1/namespaces/{self.namespace.name}/statefulsets/{self.name}"


@pytest.fixture
def releases(folder, namespace):
    return Releases(folder, namespace)


def test_electors_lead_and_fail_over_with_the_rendered_account(installed, new_fleet):
    fleet = new_fleet(namespace=installed, prometheus="fake").start(2)
    first = fleet.leader()
    second = fleet.followers()[0]
    assert first.elector.terminate() == 0
    second.elector.wait_until_leader()
    assert "RBAC" not in first.elector.log() + second.elector.log()
    assert installed.lease(LEASE_NAME)["spec"]["holderIdentity"] == second.name


def test_rendered_account_is_refused_everything_else(installed):
    token = installed.token()
    leases = LEASES.format(namespace=installed.name)
    core = f"/api/v1/namespaces/{installed.name}"
    for name in (LEASE_NAME, "another"):
        installed.create_lease(name, {"holderIdentity": "somebody"})

    def status(method, path, value=None):
        return installed.request(method, path, value, token=token).status
    own = installed.lease(LEASE_NAME)
    assert status("GET", f"{leases}/{LEASE_NAME}") == 200
    assert status("PUT", f"{leases}/{LEASE_NAME}", own) == 200
    assert status("GET", f"{leases}?fieldSelector=metadata.name%3D{LEASE_NAME}") == 200
    refused = [("GET", f"{leases}/another"), ("GET", leases), ("DELETE", f"{leases}/{LEASE_NAME}"),
               ("PUT", f"{leases}/another"), ("GET", f"{core}/secrets"), ("GET", f"{core}/pods"),
               ("GET", f"{core}/configmaps"), ("POST", f"{core}/pods"), ("GET", "/api/v1/nodes"),
               ("GET", "/api/v1/namespaces"), ("GET", LEASES.format(namespace="kube-system"))]
    answers = {(method, path): status(method, path, {} if method in ("POST", "PUT") else None)
               for method, path in refused}
    assert answers == dict.fromkeys(refused, 403)


def test_discovery_lets_prometheus_see_targets_and_no_secret(namespace):
    manifests.create_all(namespace, helm.render({"rbac": {"discovery": {"create": True}}}, namespace=namespace.name))
    namespace.account = "prometheus-elector"
    token = namespace.token()

    def status(path):
        return namespace.request("GET", path, token=token).status
    poll(lambda: [status(f"/api/v1/{kind}") for kind in ("nodes", "pods", "services", "endpoints")] == [200] * 4, 20,
         "it sees targets")
    assert [status(f"/api/v1/{kind}") for kind in ("secrets", "configmaps")] == [403] * 2


@pytest.mark.parametrize("installed_by, options", [
    (helm.HELM_4, ["--server-side=true"]), (helm.HELM_4, ["--server-side=false"]), (helm.HELM_3, [])])
@pytest.mark.parametrize("upgraded_by", [helm.HELM_4, helm.HELM_3])
def test_upgrade_goes_on_with_the_same_stateful_set_claims_and_lease(releases, installed_by, options, upgraded_by):
    releases.version = installed_by
    releases.install_former(*options, "--set", "enableLeaderProxy=true")
    before = releases.stateful_set()
    releases.version = upgraded_by
    releases.upgrade(yaml.safe_load(releases.helm("get", "values", releases.name, "--output", "yaml")))
    after = releases.stateful_set()
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    for fixed in ("selector", "serviceName", "podManagementPolicy", "volumeClaimTemplates"):
        assert after["spec"][fixed] == before["spec"][fixed], fixed
    elector = next(each for each in after["spec"]["template"]["spec"]["initContainers"]
                   if each["name"] == "prometheus-elector")
    assert {"-lease-name=prometheus-elector-lease", "-api-proxy-enabled"} <= set(elector["args"])
    assert [each["name"] for each in after["spec"]["template"]["spec"]["containers"]] == ["prometheus"]


def test_permissions_for_the_whole_cluster_go_with_the_upgrade_and_come_back_with_a_rollback(releases):
    namespace = releases.namespace

    def sees_pods():
        token = namespace.token(account=releases.name)
        return namespace.request("GET", "/api/v1/pods", token=token).status == 200
    releases.install_former()
    poll(sees_pods, 20, "the former chart's account sees all pods")
    releases.upgrade()
    poll(lambda: not sees_pods(), 20, "ours sees none")
    for kind in ("clusterroles", "clusterrolebindings"):
        names = [each["metadata"]["name"] for each in namespace.request(
            "GET", f"/apis/rbac.authorization.k8s.io/v1/{kind}").json()["items"]]
        assert not [name for name in names if releases.name in name]
    releases.upgrade({"rbac": {"discovery": {"create": True}}})
    poll(sees_pods, 20, "unless that is asked for")
    releases.helm("rollback", releases.name, "1")
    poll(sees_pods, 20, "back again")


@pytest.mark.parametrize("version", [helm.HELM_4, helm.HELM_3])
def test_way_back_is_a_rollback(releases, version):
    releases.version = version
    releases.install_former()
    before = releases.stateful_set()
    releases.upgrade()
    releases.helm("rollback", releases.name, "1")
    after = releases.stateful_set()
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert after["spec"]["template"]["spec"] == before["spec"]["template"]["spec"]


@pytest.mark.parametrize("values", [
    {"storage": {"size": "5Gi"}}, {"storage": {"storageClassName": "fast"}}, {"podManagementPolicy": "Parallel"}],
    ids=json.dumps)
def test_fixed_field_is_refused_until_the_stateful_set_is_deleted_without_its_pods(releases, values):
    releases.install_former()
    with pytest.raises(helm.Refused, match="updates to statefulset spec for fields other than"):
        releases.upgrade(values)
    releases.delete_stateful_set_without_its_pods()
    releases.upgrade(values)
    assert only([releases.stateful_set()], "StatefulSet")


def test_objects_that_were_applied_without_helm_can_be_taken_over(releases):
    manifests.create_all(releases.namespace, yaml.safe_load_all(helm.run("template", releases.name, releases.former)))
    before = releases.stateful_set()
    with pytest.raises(helm.Refused, match="cannot be imported"):
        releases.helm("upgrade", "--install", releases.name, helm.CHART)
    releases.delete_stateful_set_without_its_pods()
    releases.helm("upgrade", "--install", "--take-ownership", "--force-conflicts", releases.name, helm.CHART)
    assert releases.stateful_set()["spec"]["selector"] == before["spec"]["selector"]
    assert "initContainers" in releases.stateful_set()["spec"]["template"]["spec"]


def test_uninstall_leaves_the_lease_and_the_claims(releases):
    releases.install_former()
    releases.upgrade()
    namespace = releases.namespace
    namespace.create_lease("prometheus-elector-lease", {"holderIdentity": f"{releases.name}-0"})
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim",
             "metadata": {"name": f"storage-volume-{releases.name}-0"},
             "spec": releases.stateful_set()["spec"]["volumeClaimTemplates"][0]["spec"]}
    assert manifests.create(namespace, claim).status == 201
    releases.helm("uninstall", releases.name)
    assert namespace.request("GET", releases.path).status == 404
    claims = namespace.request("GET", f"/api/v1/namespaces/{namespace.name}/persistentvolumeclaims").json()["items"]
    assert [each["metadata"]["name"] for each in claims] == [f"storage-volume-{releases.name}-0"]
    assert namespace.lease("prometheus-elector-lease")["spec"]["holderIdentity"] == f"{releases.name}-0"
