"""deploy/operator: the API server and the real operator take each object; the files agree with what they are made from."""
import re
import subprocess

import pytest
import yaml

from lib import manifests, peers
from lib.operated import DEPLOY, documents, of_values, patched
from lib.polling import poll

PLAIN = {"containers", "initContainers", "volumes"}
LEADER = ["-leader-config-secret=prometheus-leader"]


def objects_of(path, namespace):
    return documents(path.read_text(), namespace)


@pytest.mark.parametrize("name", sorted(path.name for path in DEPLOY.glob("*.yaml") if "values" not in path.name))
def test_the_api_server_knows_every_field(operator, namespace, name):
    operator.apply(*objects_of(DEPLOY / name, namespace))


def test_images_have_this_version():
    version = subprocess.run([peers.promfleet(), "version"], capture_output=True, text=True).stdout.split()[1]
    files = [*DEPLOY.iterdir(), *(peers.ROOT / "deploy/federation").iterdir()]
    tags = {tag for path in files for tag in re.findall(r"promfleet/(?:promfleet|sample-app):(\S+)", path.read_text())}
    assert tags == {version}


def test_the_short_way_is_what_the_command_prints():
    before, = yaml.safe_load_all((DEPLOY / "prometheus.yaml").read_text())
    assert list(yaml.safe_load_all((DEPLOY / "short-way.yaml").read_text())) == patched(before, *LEADER)


def test_the_values_of_the_short_way_are_what_the_command_makes_of_them(namespace):
    value = of_values("short-way-values.yaml", namespace)
    bare = {key: part for key, part in value["spec"].items() if key not in PLAIN}
    assert patched({**value, "spec": bare}, *LEADER)[0] == value


@pytest.mark.parametrize("read", [lambda namespace: objects_of(DEPLOY / "nine-steps.yaml", namespace)[0],
                                  lambda namespace: of_values("nine-steps-values.yaml", namespace)],
                         ids=["plain object", "values"])
def test_config_reloaders_arguments_are_the_operators_but_for_its_output(operator, namespace, read):
    value = read(namespace)
    bare = {**value, "spec": {key: part for key, part in value["spec"].items() if key not in PLAIN}}
    operator.apply(bare)
    template = operator.stateful_set(bare)["spec"]["template"]["spec"]
    for key, name in (("initContainers", "init-config-reloader"), ("containers", "config-reloader")):
        own, = (each for each in template[key] if each["name"] == name)
        ours, = (each for each in value["spec"][key] if each["name"] == name)
        assert ours["args"] == [word.replace("prometheus.env.yaml", "prometheus_config.yaml") for word in own["args"]]


@pytest.mark.parametrize(("name", "account", "lease"), [
    ("rbac.yaml", "stack-prometheus", "prometheus-elector-1"),
    ("short-way.yaml", "prometheus", "prometheus-k8s-shard-0")])
def test_the_service_account_may_do_what_its_elector_needs_and_nothing_else(operator, namespace, name, account, lease):
    operator.apply(*(each for each in objects_of(DEPLOY / name, namespace) if each["kind"].startswith("Role")))

    def may(verb, resource="leases", resource_name=lease):
        group = "coordination.k8s.io" if resource == "leases" else ""
        return namespace.may(account, verb, resource, group=group, name=resource_name)
    poll(lambda: may("get"), 20, "the API server goes by the Role")
    assert [verb for verb in ("get", "list", "watch", "create", "update", "patch", "delete") if may(verb)] == [
        "get", "list", "watch", "create", "update"]
    assert not may("get", resource_name="another") and not may("get", "secrets") and not may("get", "pods")


@pytest.mark.parametrize("read", [
    *(lambda namespace, name=name: objects_of(DEPLOY / name, namespace)[0]
      for name in ("prometheus.yaml", "short-way.yaml", "nine-steps.yaml")),
    *(lambda namespace, name=name: of_values(name, namespace)
      for name in ("nine-steps-values.yaml", "short-way-values.yaml"))],
    ids=["before", "short way", "nine steps", "values of the nine steps", "values of the short way"])
def test_pods_are_admitted_where_the_restricted_standard_is_enforced(operator, namespace, read):
    namespace.enforce_restricted()
    value = read(namespace)
    operator.apply(value)
    template = operator.stateful_set(value)["spec"]["template"]
    manifests.create_all(namespace, [manifests.pod_from(template)])


def test_pods_wait_for_their_deletion_where_the_page_says_how(operator, namespace):
    strategy = re.search(r"`(updateStrategy: \{.*?\})`", (peers.ROOT / "docs/operator.md").read_text())[1]
    value = objects_of(DEPLOY / "nine-steps.yaml", namespace)[0]
    value["spec"] |= yaml.safe_load(strategy)
    operator.apply(value)
    assert operator.stateful_set(value)["spec"]["updateStrategy"] == {"type": "OnDelete"}
