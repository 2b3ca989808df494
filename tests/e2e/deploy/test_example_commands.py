"""The make targets of deploy/examples: what they call, with programs in place of k3d, docker, kubectl and make that say
how they were called; what helm is called with, the real helm does."""
import os
import shutil
import subprocess

import pytest
import yaml

from lib import helm, kube, make, manifests, peers
from lib.api_server import ADMIN_TOKEN

SCRIPT = peers.ROOT / "deploy/examples/cluster"
TARGETS = {"create_cluster": "create", "delete_cluster": "delete", "install_storage": "storage",
           "install_agent_example": "agent", "install_ha_example": "ha"}
IMAGE = f"promfleet/promfleet:{helm.app_version()}"
SAYS_HOW = '#!/bin/sh\necho "${0##*/} $*"\n'
TOOLS = ("k3d", "docker", "kubectl", "helm")
# As k3d's and kubectl's documentation has them.
CREATE = "k3d cluster create promfleet-dev --agents 2 --wait --timeout 5m"
STORAGE = "kubectl --context k3d-promfleet-dev apply --filename deploy/examples/storage.yaml"
IMPORT = [f"make --no-print-directory image IMAGE={IMAGE}", f"k3d image import {IMAGE} --cluster promfleet-dev"]
COMMANDS = {"create": [CREATE], "delete": ["k3d cluster delete promfleet-dev"], "storage": [STORAGE],
            "agent": [STORAGE, *IMPORT], "ha": IMPORT}
NEEDS = {"create": {"k3d", "docker"}, "delete": {"k3d"}, "storage": {"kubectl"},
         "agent": {"k3d", "docker", "kubectl", "helm"}, "ha": {"k3d", "docker", "helm"}}


def programs(folder, names):
    """A PATH with programs that say how they were called, and the few that the script itself needs."""
    bin_folder = folder / "bin"
    bin_folder.mkdir()
    for name in names:
        (bin_folder / name).write_text(SAYS_HOW)
        (bin_folder / name).chmod(0o755)
    for name in ("bash", "dirname", "sed", "env"):
        (bin_folder / name).symlink_to(shutil.which(name))
    return str(bin_folder)


def run(path, action, **environment):
    return subprocess.run(["bash", SCRIPT, action], capture_output=True, text=True, timeout=20,
                          env={"PATH": path, "HOME": os.devnull, **environment})


def helm_words(lines):
    return next(line.split()[1:] for line in lines if line.startswith("helm "))


@pytest.mark.parametrize("target", TARGETS)
def test_target_calls_its_script_and_nothing_else(target):
    assert make.dry_run(target) == [f"deploy/examples/cluster {TARGETS[target]}"]


@pytest.mark.parametrize("action", COMMANDS)
def test_action_calls_programs_as_their_documentation_says(folder, action):
    done = run(programs(folder, [*TOOLS, "make"]), action)
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if not line.startswith("helm ")] == COMMANDS[action]


@pytest.mark.parametrize("action", COMMANDS)
def test_each_program_that_is_not_installed_is_told_in_a_line_before_anything_is_done(folder, action):
    done = run(programs(folder, []), action)
    assert done.returncode != 0 and done.stdout == ""
    assert set(done.stderr.splitlines()) == {f"deploy/examples/cluster: {name} is not installed"
                                             for name in NEEDS[action]}


def test_another_image_is_imported_and_run(folder):
    lines = run(programs(folder, [*TOOLS, "make"]), "ha", IMAGE="mine:1").stdout.splitlines()
    assert lines[:2] == ["make --no-print-directory image IMAGE=mine:1",
                         "k3d image import mine:1 --cluster promfleet-dev"]
    assert "elector.image.devRef=mine:1" in helm_words(lines)


def test_wrong_action_is_answered_with_the_right_ones(folder):
    done = run(programs(folder, TOOLS), "crate")
    assert done.returncode == 2 and "create|delete|storage|agent|ha" in done.stderr


@pytest.mark.parametrize("action", ["agent", "ha"])
def test_helm_installs_the_example_with_these_words(folder, api_server, action):
    words = helm_words(run(programs(folder, [*TOOLS, "make"]), action).stdout.splitlines())
    kubeconfig = kube.write_kubeconfig(folder / "kubeconfig", port=api_server.port, ca_path=api_server.ca_path,
                                       user={"token": ADMIN_TOKEN}, context="k3d-promfleet-dev")
    rendered = helm.run(*words, "--dry-run=server", kubeconfig=kubeconfig, folder=peers.ROOT)
    manifest = rendered.partition("MANIFEST:")[2].partition("NOTES:")[0]
    stateful_set = helm.only([each for each in yaml.safe_load_all(manifest) if each], "StatefulSet")
    assert stateful_set["metadata"]["name"] == "prometheus-elector-dev"
    assert stateful_set["spec"]["template"]["spec"]["initContainers"][0]["image"] == IMAGE


def test_storage_is_what_the_api_server_takes_and_admits(namespace):
    objects = list(yaml.safe_load_all((peers.ROOT / "deploy/examples/storage.yaml").read_text()))
    manifests.create_all(namespace, [each for each in objects if each["kind"] != "Namespace"])
    namespace.enforce_restricted()
    pod = manifests.pod_of(helm.only(objects, "StatefulSet"))
    manifests.create_all(namespace, [pod])


def test_agents_write_to_the_storage_service():
    objects = list(yaml.safe_load_all((peers.ROOT / "deploy/examples/storage.yaml").read_text()))
    service = helm.only(objects, "Service")
    url = f"http://{service['metadata']['name']}.{service['metadata']['namespace']}.svc.cluster.local:" \
          f"{service['spec']['ports'][0]['port']}/api/v1/write"
    values = yaml.safe_load((peers.ROOT / "deploy/examples/agent-values.yaml").read_text())
    assert [entry["url"] for entry in values["gate"]["remoteWrite"]] == [url]
    assert "--web.enable-remote-write-receiver" in helm.container(objects, "prometheus")["args"]
