"""Commands of the pages that call kubectl, taken from the pages, on the real API server."""
import re
import subprocess

import pytest
import yaml

from lib import helm, manifests, operated, peers
from lib.kubectl import Shell
from lib.operator import install_kinds

OPERATOR = peers.ROOT / "deploy/operator"
FEDERATION = peers.ROOT / "deploy/federation"
SECRET = "-leader-config-secret=prometheus-leader"


@pytest.fixture
def shell(folder, namespace):
    install_kinds(namespace)
    return Shell(folder, namespace)


def blocks(page):
    """The page's blocks of commands."""
    return re.findall(r"```sh\n(.*?)```", (peers.ROOT / "docs" / page).read_text(), re.DOTALL)


def written_in(path, pattern):
    """The command of a text that matches the pattern."""
    command, = re.findall(pattern, path.read_text())
    return command


def put_short_way(shell):
    shell.put("leader.yaml", "remote_write: []\n")
    shell.put("prometheus.yaml", (OPERATOR / "prometheus.yaml").read_text())


def test_short_way_is_two_commands_and_may_be_done_again(shell, namespace):
    put_short_way(shell)
    create, patch = blocks("operator.md")[0].splitlines()
    shell.run(create)
    stored = yaml.safe_load(shell.run("kubectl get secret prometheus-leader -o yaml"))
    assert list(stored["data"]) == ["leader.yaml"]
    assert re.findall(r"(\S+) created", shell.run(patch)) == [
        "prometheus.monitoring.coreos.com/k8s", "role.rbac.authorization.k8s.io/prometheus-k8s-elector",
        "rolebinding.rbac.authorization.k8s.io/prometheus-k8s-elector"]
    generation = "kubectl get prometheus k8s -o jsonpath={.metadata.generation}"
    before = shell.run(generation)
    shell.run(patch)
    assert shell.run(generation) == before


def test_what_was_patched_out_of_the_cluster_can_be_applied_after_others_have_changed_it(shell):
    put_short_way(shell)
    shell.run("kubectl apply -f prometheus.yaml")
    command = written_in(peers.ROOT / "docs/operator.md", r"`(kubectl get prometheus k8s .*?) \.\.\.`")
    shell.run(f"{command} {SECRET} > kept.yaml")
    kept = next(yaml.safe_load_all((shell.folder / "kept.yaml").read_text()))
    assert set(kept) == {"apiVersion", "kind", "metadata", "spec"} and set(kept["metadata"]) == {"name", "namespace"}
    shell.run("kubectl patch prometheus k8s --type=merge --patch='spec: {retention: 3d}'")
    shell.run("kubectl apply -f kept.yaml")
    spec = yaml.safe_load(shell.run("kubectl get prometheus k8s -o yaml"))["spec"]
    assert spec["retention"] == "3d"
    assert [each["name"] for each in spec["initContainers"]] == ["init-prometheus-elector", "prometheus-elector"]


def test_role_for_the_charts_object_is_printed_by_the_command_of_the_values(shell, namespace):
    manifests.create_all(namespace, [operated.of_values("short-way-values.yaml", namespace)])
    command = written_in(OPERATOR / "short-way-values.yaml", r"#   (kubectl get .*\n.*leader-config-secret.*)")
    _, role, binding = yaml.safe_load_all(shell.run(command.replace("\n#", "\n")))
    assert role["rules"][1]["resourceNames"] == ["prometheus-stack-prometheus-shard-0"]
    assert [each["name"] for each in binding["subjects"]] == ["stack-prometheus"]


def test_config_reloaders_arguments_are_seen_where_the_nine_steps_say(operator, shell):
    put_short_way(shell)
    shell.run("kubectl apply -f prometheus.yaml")
    value = yaml.safe_load((shell.folder / "prometheus.yaml").read_text())
    operator.stateful_set(value)
    command = written_in(peers.ROOT / "docs/operator.md", r"`(kubectl get statefulset .*?)`")
    assert "--config-envsubst-file=/etc/prometheus/config_out/prometheus.env.yaml" in shell.run(command)


def test_leaf_is_made_as_it_is_and_then_with_electors(shell):
    for path in FEDERATION.glob("*.yaml"):
        text = path.read_text().replace("namespace: default", "namespace: monitoring")
        shell.put(path.name, re.sub(r" +nodePort:.*\n", "", text))  # which are the cluster's, not the namespace's
    plain, with_electors = blocks("federation.md")
    assert "prometheus.monitoring.coreos.com/leaf created" in shell.run(plain)
    shown = shell.run(with_electors)
    assert "prometheus.monitoring.coreos.com/leaf configured" in shown and "service/prometheus-leader created" in shown


def test_storage_is_applied_by_its_target(folder, namespace):
    shell = Shell(folder, namespace, context="k3d-promfleet-dev")
    done = subprocess.run([peers.ROOT / "deploy/examples/cluster", "storage"], env=shell.environment,
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] in ("namespace/storage created", "namespace/storage unchanged")


def test_claims_and_lease_that_an_uninstall_leaves_are_deleted_by_these_commands(shell, namespace):
    guide = peers.ROOT / "docs/migrate-from-prometheus-elector.md"
    for release in ("mine", "another"):
        manifests.create_all(namespace, [claim(helm.only(helm.render(release=release), "StatefulSet"))])
    no_finalizers = "--type=merge --patch='metadata: {finalizers: null}'"  # for which a controller runs elsewhere
    shell.run(f"kubectl get pvc -o name | xargs -I CLAIM kubectl patch CLAIM {no_finalizers}")
    namespace.create_lease("prometheus-elector-lease", {"holderIdentity": "mine-prometheus-elector-0"})
    shell.run(written_in(guide, r"`(kubectl delete pvc .*?)`").replace("RELEASE", "mine"))
    shell.run(written_in(guide, r"`(kubectl delete lease .*?)`"))
    left = shell.run("kubectl get pvc,lease -o name").split()
    assert left == ["persistentvolumeclaim/storage-volume-another-prometheus-elector-0"]


def claim(stateful_set):
    """That of the first pod, as the StatefulSet's controller makes it: with the labels by which it selects."""
    template, = stateful_set["spec"]["volumeClaimTemplates"]
    metadata = {"name": f"{template['metadata']['name']}-{stateful_set['metadata']['name']}-0",
                "labels": stateful_set["spec"]["selector"]["matchLabels"]}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": template["spec"]}
