"""Where each value of the chart arrives in the objects: in what it is for, and in every container that it is for."""
import dataclasses
import functools
import operator
import re
from typing import NamedTuple

import pytest
import yaml

from lib import chart_values, helm, peers
from lib.chart_values import EVERYTHING, GATE, LIKE_OTHER_THINGS, UPSTREAM

POD = "StatefulSet/spec/template/spec"
ELECTOR = f"{POD}/initContainers/prometheus-elector"
INIT = f"{POD}/initContainers/init-prometheus-elector"
PROMETHEUS = f"{POD}/containers/prometheus"
CLAIM = "StatefulSet/spec/volumeClaimTemplates/0"
CONFIG, DASHBOARD = "ConfigMap:prometheus-elector-config", "ConfigMap:prometheus-elector-dashboard"
LEADER = "Service:prometheus-elector-leader"
GATE_FILE = "Secret/stringData/gate.yaml"

A = {"example.org/a": "b"}
PROBE = {"httpGet": {"path": "/x", "port": "http"}, "initialDelaySeconds": 1, "periodSeconds": 2, "timeoutSeconds": 3,
         "failureThreshold": 4}
ENV = [{"name": "A", "value": "b"}]
MOUNT = [{"name": "more", "mountPath": "/more"}]
FEW = {"limits": {"cpu": "100m"}}
ENTRIES = [{"url": "https://another.example/write", "name": "another"}]
AFFINITY = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
    {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["a"]}]}]}}}
RULES = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}]


@dataclasses.dataclass(eq=False)
class Has:
    """At the place is at least this: fields of an object, elements of a list, a part of a text."""
    part: object

    def __eq__(self, found):
        if isinstance(self.part, dict):
            return isinstance(found, dict) and self.part.items() <= found.items()
        if isinstance(self.part, list):
            return isinstance(found, list) and all(each in found for each in self.part)
        return isinstance(found, str) and self.part in found


@dataclasses.dataclass(eq=False)
class Yaml:
    """At the place is a text that says this."""
    value: object

    def __eq__(self, found):
        return isinstance(found, str) and yaml.safe_load(found) == self.value


class Value(NamedTuple):
    """A value other than the default one, where it arrives, and what it does not arrive without."""
    value: object
    places: dict
    besides: dict = {}


def of_all(name, value, expected=None):
    """In all three containers."""
    expected = value if expected is None else expected
    return Value(value, {f"{each}/{name}": expected for each in (ELECTOR, INIT, PROMETHEUS)})


def of_elector(name, value, expected=None, besides={}):
    expected = value if expected is None else expected
    return Value(value, {f"{each}/{name}": expected for each in (ELECTOR, INIT)}, besides)


def flag(value, word, container=ELECTOR, besides={}):
    return Value(value, {f"{container}/args": Has([word])}, besides)


def with_(path, value):
    """{a: {b: value}} for a.b"""
    for name in reversed(path.split(".")):
        value = {name: value}
    return value


def merged(first, second):
    if not isinstance(first, dict) or not isinstance(second, dict):
        return second
    return {name: merged(first[name], second[name]) if name in first and name in second else {**first, **second}[name]
            for name in {**first, **second}}


WEB = with_("elector.webConfig.secretName", "web")
PROMETHEUS_WEB = with_("prometheus.webConfig.secretName", "web")
MONITOR = with_("serviceMonitor.enabled", True)
POLICY = with_("networkPolicy.enabled", True)

VALUES = {
    "replicaCount": Value(5, {"StatefulSet/spec/replicas": 5}),
    "configFiles": Value({"prometheus-elector.yaml": "follower: {}\n", "a.rules.yaml": "groups: []\n"}, {
        f"{CONFIG}/data": {"prometheus-elector.yaml": "follower: {}\n", "a.rules.yaml": "groups: []\n"},
        f"{ELECTOR}/args": Has(["-watch-dir=/etc/config"])}),
    "config.existingSecret": Value("mine", {f"{POD}/volumes/config-volume/secret": {"secretName": "mine"}, CONFIG: None,
                                            f"{ELECTOR}/args": Has(["-watch-dir=/etc/config"])}),
    "config.existingConfigMap": Value("mine", {f"{POD}/volumes/config-volume/configMap": {"name": "mine"}, CONFIG: None,
                                               f"{ELECTOR}/args": Has(["-watch-dir=/etc/config"])}),
    "lease.name": Value("mine", {f"{ELECTOR}/args": Has(["-lease-name=mine"]), "Role/rules/1/resourceNames": ["mine"]}),
    "lease.durationSeconds": flag(30, "-lease-duration=30s"),
    "lease.renewDeadlineSeconds": flag(7.5, "-lease-renew-deadline=7.5s"),
    "lease.retryPeriodSeconds": flag(0.5, "-lease-retry-period=0.5s"),
    "gate.enabled": Value(True, {
        f"{ELECTOR}/args": Has(["-gate-config=/etc/gate/gate.yaml"]), f"{ELECTOR}/volumeMounts/gate-volume/mountPath":
        "/etc/gate", GATE_FILE: Yaml(GATE["remoteWrite"])}, {"gate": {"remoteWrite": GATE["remoteWrite"]}}),
    "gate.remoteWrite": Value(ENTRIES, {GATE_FILE: Yaml(ENTRIES)}, {"gate": GATE}),
    "gate.secretName": Value("mine", {f"{POD}/volumes/gate-volume/projected/sources": Has(
        [{"secret": {"name": "mine"}}])}, {"gate": GATE}),
    "gate.client": Value({"tls_config": {"server_name": "gate"}}, {
        f"{CONFIG}/data/prometheus-elector.yaml": Has("server_name: gate")}, {"gate": GATE}),
    "enableLeaderProxy": Value(True, {f"{ELECTOR}/args": Has(["-api-proxy-enabled"]), f"{LEADER}/spec/ports/0/port": 80}),
    "leaderService.type": Value("NodePort", {f"{LEADER}/spec/type": "NodePort"}, {"enableLeaderProxy": True}),
    "leaderService.port": Value(8080, {f"{LEADER}/spec/ports/0/port": 8080}, {"enableLeaderProxy": True}),
    "leaderService.annotations": Value(A, {f"{LEADER}/metadata/annotations": A}, {"enableLeaderProxy": True}),
    "elector.image.repository": of_elector("image", "example/a", f"example/a:{helm.app_version()}"),
    "elector.image.tag": of_elector("image", 1.5, "promfleet/promfleet:1.5"),
    "elector.image.devRef": of_elector("image", "example/dev:ref"),
    "elector.image.pullPolicy": of_elector("imagePullPolicy", "Always"),
    "elector.args": of_elector("args", ["-log.level=debug", "-n", 1], Has(["-log.level=debug", "-n", "1"])),
    "elector.env": of_elector("env", ENV, Has(ENV)),
    "elector.extraVolumeMounts": of_elector("volumeMounts", MOUNT, Has(MOUNT)),
    "elector.resources": of_elector("resources", FEW),
    "elector.nativeSidecar": Value("never", {f"{POD}/containers/prometheus-elector/ports": [
        {"name": "http-elector", "containerPort": 9095}], ELECTOR: None}),
    "elector.webConfig.secretName": Value("web", {
        f"{ELECTOR}/args": Has(["-web.config.file=/etc/web-elector/web-config.yaml"]),
        f"{ELECTOR}/volumeMounts/web-elector-volume/mountPath": "/etc/web-elector",
        f"{POD}/volumes/web-elector-volume/secret/secretName": "web"}),
    "elector.webConfig.key": flag("other", "-web.config.file=/etc/web-elector/other", besides=WEB),
    "elector.webConfig.scheme": Value("http", {f"{ELECTOR}/{each}/httpGet/scheme": "HTTP" for each in (
        "readinessProbe", "livenessProbe")}, WEB),
    "elector.webConfig.authenticated": Value(True, {f"{ELECTOR}/{each}/tcpSocket": {"port": "http-elector"} for each in (
        "readinessProbe", "livenessProbe")}, WEB),
    **{f"elector.{each}": Value(PROBE, {f"{ELECTOR}/{each}": PROBE}) for each in (
        "readinessProbe", "livenessProbe", "startupProbe")},
    "prometheus.mode": flag("agent", "--agent", PROMETHEUS),
    "prometheus.image.repository": Value("example/a", {f"{PROMETHEUS}/image": "example/a:v3.15.0"}),
    "prometheus.image.tag": Value("v2.44.0", {f"{PROMETHEUS}/image": "prom/prometheus:v2.44.0"}),
    "prometheus.image.pullPolicy": Value("Never", {f"{PROMETHEUS}/imagePullPolicy": "Never"}),
    "prometheus.args": flag(["--log.level=debug"], "--log.level=debug", PROMETHEUS),
    "prometheus.env": Value(ENV, {f"{PROMETHEUS}/env": ENV}),
    "prometheus.extraVolumeMounts": Value(MOUNT, {f"{PROMETHEUS}/volumeMounts": Has(MOUNT)}),
    "prometheus.resources": Value(FEW, {f"{PROMETHEUS}/resources": FEW}),
    "prometheus.flushDeadline": flag("7s", "--storage.remote.flush-deadline=7s", PROMETHEUS),
    "prometheus.webConfig.secretName": Value("web", {
        f"{PROMETHEUS}/args": Has(["--web.config.file=/etc/web-prometheus/web-config.yaml"]),
        f"{PROMETHEUS}/volumeMounts/web-prometheus-volume/mountPath": "/etc/web-prometheus",
        f"{POD}/volumes/web-prometheus-volume/secret/secretName": "web",
        f"{ELECTOR}/args": Has(["-notify-http-url=https://127.0.0.1:9090/-/reload"])}),
    "prometheus.webConfig.key": flag("x", "--web.config.file=/etc/web-prometheus/x", PROMETHEUS, PROMETHEUS_WEB),
    "prometheus.webConfig.scheme": flag("http", "-readiness-http-url=http://127.0.0.1:9090/-/ready",
                                        besides=PROMETHEUS_WEB),
    "prometheus.webConfig.authenticated": Value(True, {f"{PROMETHEUS}/{each}/tcpSocket": {"port": "http"} for each in (
        "readinessProbe", "livenessProbe")}, PROMETHEUS_WEB),
    "prometheus.webConfig.clientConfigKey": Value("x", {
        f"{ELECTOR}/args": Has(["-prometheus.http-config=/etc/web-prometheus/x"]),
        f"{ELECTOR}/volumeMounts/web-prometheus-volume/mountPath": "/etc/web-prometheus"}, PROMETHEUS_WEB),
    **{f"prometheus.{each}": Value(PROBE, {f"{PROMETHEUS}/{each}": PROBE}) for each in (
        "readinessProbe", "livenessProbe", "startupProbe")},
    "storage.storageClassName": Value("fast", {f"{CLAIM}/spec/storageClassName": "fast"}),
    "storage.size": Value("20Gi", {f"{CLAIM}/spec/resources/requests/storage": "20Gi"}),
    "storage.annotations": Value(A, {f"{CLAIM}/metadata/annotations": A}),
    "storage.labels": Value(A, {f"{CLAIM}/metadata/labels": A}),
    "storage.retentionPolicy": Value({"whenScaled": "Delete"}, {
        "StatefulSet/spec/persistentVolumeClaimRetentionPolicy": {"whenScaled": "Delete"}}),
    "serviceAccount.create": Value(False, {"ServiceAccount": None, f"{POD}/serviceAccountName": "default",
                                           "RoleBinding/subjects/0/name": "default"}),
    "serviceAccount.annotations": Value(A, {"ServiceAccount/metadata/annotations": A}),
    "serviceAccount.name": Value("mine", {f"{each}": "mine" for each in (
        "ServiceAccount/metadata/name", f"{POD}/serviceAccountName", "RoleBinding/subjects/0/name")}),
    "rbac.create": Value(False, {"Role": None, "RoleBinding": None}),
    "rbac.discovery.create": Value(True, {"ClusterRole/rules": Has([{"nonResourceURLs": ["/metrics"], "verbs": ["get"]}]),
                                          "ClusterRoleBinding/subjects/0/name": "prometheus-elector"}),
    "rbac.discovery.rules": Value(RULES, {"ClusterRole/rules": RULES}, with_("rbac.discovery.create", True)),
    "podAnnotations": Value(A, {"StatefulSet/spec/template/metadata/annotations": A}),
    "podLabels": Value(A, {"StatefulSet/spec/template/metadata/labels": Has(A)}),
    "podSecurityContext": Value({"fsGroup": 7}, {f"{POD}/securityContext/fsGroup": 7}),
    "securityContext": of_all("securityContext", {"runAsUser": 7}, Has({"runAsUser": 7})),
    "resources": of_all("resources", FEW),
    "nodeSelector": Value(A, {f"{POD}/nodeSelector": A}),
    "tolerations": Value([{"operator": "Exists"}], {f"{POD}/tolerations": [{"operator": "Exists"}]}),
    "affinity": Value(AFFINITY, {f"{POD}/affinity": AFFINITY}),
    "topologySpreadConstraints": Value([], {f"{POD}/topologySpreadConstraints": None}),
    "priorityClassName": Value("high", {f"{POD}/priorityClassName": "high"}),
    "imagePullSecrets": Value([{"name": "a"}], {f"{POD}/imagePullSecrets": [{"name": "a"}]}),
    "extraVolumes": Value([{"name": "a", "emptyDir": {}}], {f"{POD}/volumes": Has([{"name": "a", "emptyDir": {}}])}),
    "terminationGracePeriodSeconds": Value(7, {f"{POD}/terminationGracePeriodSeconds": 7}),
    "updateStrategy.type": Value("OnDelete", {"StatefulSet/spec/updateStrategy": {"type": "OnDelete"}}),
    "updateStrategy.rollingUpdate": Value({"partition": 1}, {"StatefulSet/spec/updateStrategy": {
        "type": "RollingUpdate", "rollingUpdate": {"partition": 1}}}),
    "minReadySeconds": Value(7, {"StatefulSet/spec/minReadySeconds": 7}),
    "podManagementPolicy": Value("Parallel", {"StatefulSet/spec/podManagementPolicy": "Parallel"}),
    "podDisruptionBudget.enabled": Value(False, {"PodDisruptionBudget": None}),
    "podDisruptionBudget.maxUnavailable": Value(2, {"PodDisruptionBudget/spec/maxUnavailable": 2}),
    "podDisruptionBudget.minAvailable": Value("50%", {"PodDisruptionBudget/spec/minAvailable": "50%",
                                                      "PodDisruptionBudget/spec/maxUnavailable": None}),
    "networkPolicy.enabled": Value(True, {"NetworkPolicy/spec/policyTypes": ["Ingress"]}),
    "networkPolicy.from": Value([{"namespaceSelector": {}}], {"NetworkPolicy/spec/ingress/0/from": [
        {"namespaceSelector": {}}]}, POLICY),
    "serviceMonitor.enabled": Value(True, {"ServiceMonitor/spec/endpoints/1/path": "/_elector/metrics"}),
    "serviceMonitor.labels": Value(A, {"ServiceMonitor/metadata/labels": Has(A)}, MONITOR),
    "serviceMonitor.interval": Value("7s", {f"ServiceMonitor/spec/endpoints/{each}/interval": "7s" for each in (0, 1)},
                                     MONITOR),
    "serviceMonitor.endpoint": Value({"honorLabels": True}, {
        f"ServiceMonitor/spec/endpoints/{each}/honorLabels": True for each in (0, 1)}, MONITOR),
    "prometheusRule.enabled": Value(True, {"PrometheusRule/spec/groups/0/name": "promfleet-elector"}),
    "prometheusRule.labels": Value(A, {"PrometheusRule/metadata/labels": Has(A)}, with_("prometheusRule.enabled", True)),
    "dashboard.enabled": Value(True, {f"{DASHBOARD}/metadata/labels": Has({"grafana_dashboard": "1"})}),
    "dashboard.labels": Value(A, {f"{DASHBOARD}/metadata/labels": Has(A)}, with_("dashboard.enabled", True)),
    "dashboard.annotations": Value(A, {f"{DASHBOARD}/metadata/annotations": A}, with_("dashboard.enabled", True)),
    "nameOverride": Value("mine", {"StatefulSet/metadata/name": "prometheus-elector-mine",
                                   "StatefulSet/metadata/labels": Has({"app.kubernetes.io/name": "mine"})}),
    "fullnameOverride": Value("mine", {f"{each}/metadata/name": f"mine{suffix}" for each, suffix in (
        ("StatefulSet", ""), ("Service", ""), ("PodDisruptionBudget", ""), ("ServiceAccount", ""), ("Role", "-role"),
        ("RoleBinding", "-rolebinding"), ("ConfigMap", "-config"))})}


def at(objects, place):
    """What is there, or None: Kind/field/... or Kind:name/...; elements of a list by their name or number."""
    head, *steps = place.split("/")
    kind, _, name = head.partition(":")
    found = [each for each in objects if each["kind"] == kind and name in ("", each["metadata"]["name"])]
    assert len(found) <= 1, f"{place} is not the only one of its kind"
    value = found[0] if found else None
    for step in steps:
        if isinstance(value, list):
            named = {each.get("name"): each for each in value if isinstance(each, dict)}
            value = value[int(step)] if step.isdigit() else named.get(step)
        else:
            value = (value or {}).get(step)
    return value


def leaves(values, path=""):
    """The names of VALUES that a tree of values sets."""
    for name, value in values.items():
        if f"{path}{name}" in VALUES or not isinstance(value, dict):
            yield f"{path}{name}"
        else:
            yield from leaves(value, f"{path}{name}.")


def names(value, path=""):
    """[(path, value)] of all fields that Kubernetes wants as strings: names, and whatever stands in labels."""
    for key, each in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        here = f"{path}/{key}"
        if re.search(r"(name|namespace|Name)$|(labels|matchLabels|annotations|Service/spec/selector)/", here) and (
                not isinstance(each, (dict, list))):
            yield here, each
        yield from names(each, here)


@pytest.mark.parametrize("name", VALUES)
def test_value_arrives_where_it_belongs(name):
    value, places, besides = VALUES[name]
    before = helm.render(besides)
    after = helm.render(merged(besides, with_(name, value)))
    for place, expected in places.items():
        assert at(after, place) == expected, place
        assert at(before, place) != expected, f"{place} is the same without it"


@pytest.fixture(name="page")
def page_fixture():
    """{value: [default, mark, meaning]} of docs/chart.md"""
    lines = (peers.ROOT / "docs/chart.md").read_text().splitlines()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if re.match(r"\| `[\w.]+` \|", line)]
    return {row[0].strip("`"): row[1:] for row in rows}


def test_no_value_is_left_out(page):
    assert set(leaves(chart_values.VALUES)) == VALUES.keys() == page.keys()
    assert set(leaves(EVERYTHING)) <= VALUES.keys()


def test_page_says_what_each_value_means_and_what_it_is_by_default(page):
    for name, (default, _, meaning) in page.items():
        assert meaning, name
        if re.fullmatch(r"\d+|true|false|\{\}|\[\]", default):
            assert functools.reduce(operator.getitem, name.split("."), chart_values.VALUES) in (
                yaml.safe_load(default), ""), name


def test_page_marks_what_the_former_chart_has(page):
    assert {name for name, (_, mark, _) in page.items() if mark == "●"} == (
        set(leaves(UPSTREAM)) - {"storage.storageClass"})
    assert {mark for _, mark, _ in page.values()} == {"●", ""}


def test_no_name_is_taken_for_something_else():
    values = {**LIKE_OTHER_THINGS, "serviceAccount": {"name": "off"}, "priorityClassName": "12"}
    for objects in (helm.render(values, release="1234", namespace="5678"),
                    helm.render({**values, "config": {"existingConfigMap": "0.5"}}, release="on", namespace="no")):
        strings = [each for each in names(objects) if not isinstance(each[1], str)]
        assert strings == []
        assert {at(objects, place) for place in (
            "StatefulSet/metadata/name", "StatefulSet/spec/serviceName", "ServiceMonitor/metadata/name")} == {"null"}


@pytest.mark.parametrize("name, place", [
    ("podDisruptionBudget.maxUnavailable", "PodDisruptionBudget/spec/maxUnavailable"),
    ("podDisruptionBudget.minAvailable", "PodDisruptionBudget/spec/minAvailable"),
    ("terminationGracePeriodSeconds", f"{POD}/terminationGracePeriodSeconds"),
])
def test_zero_is_a_number_like_all_others(name, place):
    assert at(helm.render(with_(name, 0)), place) == 0


def test_former_charts_key_without_effect_has_none_here():
    assert helm.render({"storage": {"storageClass": "x"}}) == helm.render()


def test_update_by_hand_leaves_numbers_of_a_rolling_one_out():
    strategy = {"type": "OnDelete", "rollingUpdate": {"partition": 1}}
    assert at(helm.render({"updateStrategy": strategy}), "StatefulSet/spec/updateStrategy") == {"type": "OnDelete"}
