"""What the chart of deploy/chart renders, the API server takes, field by field; what is misspelt, the chart refuses."""
import json
import subprocess

import pytest
import yaml

from lib import helm, manifests, peers
from lib.chart_values import CASES, EVERYTHING, GATE, NOTHING, VALUES
from lib.helm import container, of_kind, only, pod_spec


@pytest.fixture(params=CASES)
def case(request):
    return CASES[request.param]


def test_lint_has_nothing_to_say(case, folder):
    values, options = case
    (folder / "values.yaml").write_text(json.dumps(values))
    files = [f"--values={file}" for file in options.get("files", ())]
    words = helm.run("lint", "--strict", helm.CHART, *files, f"--values={folder / 'values.yaml'}")
    assert "[WARNING]" not in words and "[ERROR]" not in words


def test_helm_3_makes_the_same_objects(case):
    values, options = case
    options = {"kube_version": "1.36"} | options  # each has a default of its own
    assert helm.render(values, **options, version=helm.HELM_3) == helm.render(values, **options)


def test_api_server_takes_every_object_and_every_field(case, namespace):
    values, options = case
    manifests.install_custom_resources(namespace)
    objects = helm.render(values, namespace=namespace.name, **options)
    manifests.create_all(namespace, objects)
    name = only(objects, "StatefulSet")["metadata"]["name"]
    assert len(f"{name}-0123456789") <= 63, "the pods' label controller-revision-hash"


def test_api_server_refuses_what_it_does_not_know(namespace):
    budget = only(helm.render(namespace=namespace.name), "PodDisruptionBudget")
    budget["spec"]["maxUnavaliable"] = 1
    assert manifests.create(namespace, budget).status == 400


def test_pods_are_admitted_where_pods_are_restricted(case, namespace):
    values, options = case
    namespace.enforce_restricted()
    stateful_set = only(helm.render(values, namespace=namespace.name, **options), "StatefulSet")
    answer = manifests.create(namespace, manifests.pod_of(stateful_set))
    if values is NOTHING:  # the security contexts are gone, too
        assert answer.status == 403 and "restricted" in answer.text()
    else:  # upstream's security contexts are merged with the chart's
        assert answer.status == 201, answer.text()


def test_pods_run_with_fixed_files_only_and_no_privilege():
    objects = helm.render(EVERYTHING)
    for each in pod_spec(objects)["initContainers"] + pod_spec(objects)["containers"]:
        context = each["securityContext"]
        assert context["readOnlyRootFilesystem"] and context["runAsNonRoot"], each["name"]
        assert context["capabilities"] == {"drop": ["ALL"]} and not context["allowPrivilegeEscalation"], each["name"]


def test_what_the_elector_writes_with_all_credentials_lies_on_no_disk():
    volumes = {each["name"]: each for each in pod_spec(helm.render())["volumes"]}
    assert volumes["runtime-volume"]["emptyDir"] == {"medium": "Memory"}


@pytest.mark.parametrize("misspelt", [
    {"replicacount": 2}, {"elector": {"arg": []}}, {"elector": {"image": {"tags": "x"}}},
    {"prometheus": {"readynessProbe": {}}}, {"prometheus": {"readinessProbe": {"httpget": {}}}},
    {"storage": {"storageclassName": "x"}}, {"gate": {"enable": True}}, {"lease": {"duration": "15s"}},
    {"gate": {"enabled": True, "remoteWrite": [{"url": "http://a", "latenes": "1m"}]}},
    {"rbac": {"discovery": {"created": True}}}, {"serviceMonitor": {"enabeld": True}}, {"leaderService": {"ports": 1}},
    {"updateStrategy": {"types": "OnDelete"}}, {"podDisruptionBudget": {"minAvailabel": 1}}],
    ids=lambda values: json.dumps(values)[:50])
def test_misspelt_key_is_refused_by_its_name(misspelt):
    with pytest.raises(helm.Refused, match="additional properties '[a-zA-Z]+' not allowed"):
        helm.render(misspelt)


@pytest.mark.parametrize(("wrong", "named"), [
    ({"gate": {"enabled": True}}, "remoteWrite"), ({"prometheus": {"mode": "agnet"}}, "mode"),
    ({"gate": {"enabled": True, "remoteWrite": [{"name": "x"}]}}, "url"), ({"elector": None}, "elector"),
    ({"lease": {"durationSeconds": "15s"}}, "durationSeconds"),
    ({"elector": {"nativeSidecar": True}}, "nativeSidecar")])
def test_wrong_value_is_refused(wrong, named):
    with pytest.raises(helm.Refused, match=named):
        helm.render(wrong)


def test_schema_knows_exactly_the_values_that_there_are():
    schema = json.loads((helm.CHART / "values.schema.json").read_text())
    accepted_besides = {"global", "storage.storageClass"}  # helm's own; upstream's, without effect

    def keys(values, known, path=""):
        assert values.keys() <= known["properties"].keys(), path
        besides = {path + name for name in known["properties"].keys() - values.keys()}
        for name, value in values.items():
            deeper = known["properties"][name]
            if isinstance(value, dict) and "properties" in deeper:
                besides |= keys(value, deeper, f"{path}{name}.")
        return besides
    assert keys(VALUES, schema) == accepted_besides | {
        "updateStrategy.rollingUpdate.partition", "updateStrategy.rollingUpdate.maxUnavailable",
        "storage.retentionPolicy.whenDeleted", "storage.retentionPolicy.whenScaled"}


def test_schema_leaves_no_object_open_whose_keys_it_knows():
    def walk(schema, path):
        if "properties" in schema and schema.get("type"):  # `if` and `then` only add to what stands beside them
            assert schema.get("additionalProperties") is False, path
        for word in ("properties", "definitions"):
            for name, deeper in schema.get(word, {}).items():
                walk(deeper, f"{path}.{name}")
        if isinstance(schema.get("items"), dict):
            walk(schema["items"], f"{path}[]")
    walk(json.loads((helm.CHART / "values.schema.json").read_text()), "")


def test_copies_of_rules_and_dashboard_are_those_of_deploy_monitoring():
    for name in ("elector.rules.yml", "elector.json"):
        original = peers.ROOT / "deploy/monitoring" / name
        assert (helm.CHART / "files" / name).read_text() == original.read_text(), f"cp {original} {helm.CHART}/files/"


def test_rule_and_dashboard_arrive_as_they_are():
    objects = helm.render({"prometheusRule": {"enabled": True}, "dashboard": {"enabled": True}})
    monitoring = peers.ROOT / "deploy/monitoring"
    assert only(objects, "PrometheusRule")["spec"] == yaml.safe_load((monitoring / "elector.rules.yml").read_text())
    dashboard = next(each for each in of_kind(objects, "ConfigMap") if each["metadata"]["name"].endswith("-dashboard"))
    assert json.loads(dashboard["data"]["elector.json"]) == json.loads((monitoring / "elector.json").read_text())


def test_version_is_that_of_the_binary():
    shown = subprocess.run([peers.promfleet(), "version"], capture_output=True, text=True, check=True).stdout
    assert shown.split() == ["promfleet", helm.app_version()]


@pytest.mark.parametrize(("image", "reference"), [
    ({}, f"promfleet/promfleet:{helm.app_version()}"), ({"tag": 1.5}, "promfleet/promfleet:1.5"),
    ({"repository": "registry.example:5000/elector", "tag": "v1"}, "registry.example:5000/elector:v1"),
    ({"tag": "v1", "devRef": "registry.example/dev@sha256:0123"}, "registry.example/dev@sha256:0123")])
def test_elector_runs_the_image_that_the_values_name(image, reference):
    objects = helm.render({"elector": {"image": image}})
    assert container(objects, "prometheus-elector")["image"] == reference
    assert container(objects, "init-prometheus-elector")["image"] == reference


@pytest.mark.parametrize(("kube_version", "choice", "is_sidecar"), [
    ("1.28.9", "auto", False), ("1.29.0", "auto", True), ("1.36.3", "auto", True), ("1.29.1-gke.100", "auto", True),
    ("1.28.9", "always", True), ("1.36.3", "never", False)])
def test_elector_is_a_sidecar_where_the_cluster_has_them(kube_version, choice, is_sidecar):
    objects = helm.render({"elector": {"nativeSidecar": choice}}, kube_version=kube_version)
    spec = pod_spec(objects)
    names = [each["name"] for each in spec["initContainers"]]
    assert names == ["init-prometheus-elector", "prometheus-elector"][:2 if is_sidecar else 1]
    assert container(objects, "prometheus-elector").get("restartPolicy") == ("Always" if is_sidecar else None)


def test_network_policy_keeps_out_all_but_those_named_and_the_replicas():
    def rules(peers):
        policy = only(helm.render({"networkPolicy": {"enabled": True, "from": peers}}), "NetworkPolicy")["spec"]
        assert policy["policyTypes"] == ["Ingress"]
        assert all(rule["ports"] == [{"port": 9090}, {"port": 9095}] for rule in policy["ingress"])
        return [rule.get("from") for rule in policy["ingress"]], policy["podSelector"]
    named = [{"namespaceSelector": {"matchLabels": {"a": "b"}}}]
    sources, replicas = rules(named)
    assert sources == [named, [{"podSelector": replicas}]]
    assert rules([])[0] == [None]


def test_leader_service_is_there_with_the_proxy_and_is_that_of_the_seed():
    assert [each["metadata"]["name"] for each in of_kind(helm.render(), "Service")] == ["prometheus-elector"]
    objects = helm.render({"enableLeaderProxy": True}, release="prometheus-elector-dev")
    leader = next(each for each in of_kind(objects, "Service") if each["spec"].get("clusterIP") != "None")
    assert leader["metadata"]["name"] == "prometheus-elector-dev-leader"
    assert [each["port"] for each in leader["spec"]["ports"]] == [80]
    args = container(objects, "prometheus-elector")["args"]
    assert "-api-proxy-prometheus-service-name=prometheus-elector-dev" in args


@pytest.mark.parametrize(("args", "tag", "words"), [
    ([], "v3.15.0", ["--storage.tsdb.path=/prometheus/data"]),
    (["--enable-feature=agent"], "v2.44.0", ["--storage.agent.path=/prometheus/data-agent", "--enable-feature=agent"]),
    (["--enable-feature=agent"], "v3.0.0", ["--agent", "--storage.agent.path=/prometheus/data-agent",
                                            "--enable-feature=agent"]),
    (["--agent"], "v3.15.0", ["--storage.agent.path=/prometheus/data-agent", "--agent"]),
    (["--storage.tsdb.path=/prometheus/data/tsdb"], "v3.15.0", ["--storage.tsdb.path=/prometheus/data/tsdb"])])
def test_agent_and_its_folder_are_known_by_the_flags_of_users(args, tag, words):
    found = container(helm.render({"prometheus": {"args": args, "image": {"tag": tag}}}), "prometheus")
    flags = ("--agent", "--enable-feature", "--storage.tsdb", "--storage.agent")
    assert [each for each in found["args"] if each.startswith(flags)] == words
    mount = next(each["mountPath"] for each in found["volumeMounts"] if each["name"] == "storage-volume")
    assert any(word.partition("=")[2].startswith(mount) for word in words)


@pytest.mark.parametrize(("values", "deadline"), [
    ({}, "3000ms"),                                                                       # (15 - 10 - 1) * 3 / 4
    ({"lease": {"durationSeconds": 30}}, "14250ms"),
    ({"elector": {"args": ["-lease-duration=30s", "--lease-renew-deadline", "20s"]}}, "6750ms"),
    ({"configFiles": {"prometheus-elector.yaml": "follower: {}\nleader: {remote_write: [{url: a}, {url: b}]}"}},
     "1500ms"),
    ({"prometheus": {"flushDeadline": "5s"}}, "5s"),
    ({"prometheus": {"args": ["--storage.remote.flush-deadline=7s"]}}, "7s")])
def test_flush_deadline_is_what_the_lease_leaves(values, deadline):
    args = container(helm.render(values), "prometheus")["args"]
    assert [each for each in args if "flush-deadline" in each] == [f"--storage.remote.flush-deadline={deadline}"]


def test_reload_on_request_is_turned_on_once():
    for args in ([], ["--web.enable-lifecycle"]):
        objects = helm.render({"prometheus": {"args": args}})
        assert container(objects, "prometheus")["args"].count("--web.enable-lifecycle") == 1


def test_another_configuration_for_prometheus_is_refused():
    with pytest.raises(helm.Refused, match="Prometheus reads what the elector writes"):
        helm.render({"prometheus": {"args": ["--config.file=/etc/prometheus/prometheus.yml"]}})


def test_probes_speak_what_the_port_speaks():
    objects = helm.render(EVERYTHING)
    assert container(objects, "prometheus-elector")["readinessProbe"]["httpGet"]["scheme"] == "HTTPS"
    prometheus = container(objects, "prometheus")
    for name in ("readinessProbe", "livenessProbe", "startupProbe"):
        assert prometheus[name]["tcpSocket"] == {"port": "http"} and "httpGet" not in prometheus[name]


def test_role_is_for_the_lease_that_the_users_flags_name():
    objects = helm.render({"elector": {"args": ["-lease-name=mine", "-lease-namespace", "elsewhere"]}})
    role = only(objects, "Role")
    assert role["metadata"]["namespace"] == only(objects, "RoleBinding")["metadata"]["namespace"] == "elsewhere"
    assert role["rules"][1]["resourceNames"] == ["mine"]
    subject = only(objects, "RoleBinding")["subjects"][0]
    assert (subject["name"], subject["namespace"]) == ("prometheus-elector", "monitoring")


def notes_of(values):
    words = ["install", "prometheus-elector", helm.CHART, "--dry-run=client", "--namespace=monitoring", "--values=-"]
    return helm.run(*words, text=json.dumps(values)).partition("NOTES:")[2]


def test_notes_name_what_has_to_be_done():
    notes = notes_of({"config": {"existingSecret": "mine"}, "gate": GATE, "storage": {"storageClass": "x"},
                      "enableLeaderProxy": True})
    assert "promfleet lease status" in notes and "storage.storageClassName" in notes
    assert "service/prometheus-elector-leader" in notes and "remote_write:" in notes


def test_notes_name_the_lease_that_no_other_release_may_have():
    assert "the Lease prometheus-elector-lease in monitoring." in notes_of({})
    assert "the Lease mine in elsewhere." in notes_of({"elector": {"args": [
        "-lease-name=mine", "-lease-namespace=elsewhere"]}})


@pytest.mark.parametrize(("image", "is_theirs"), [
    ({}, False), ({"repository": "registry.example/promfleet"}, False), ({"tag": "v0.2.0"}, False),
    ({"repository": "ghcr.io/jlevesy/prometheus-elector", "tag": "v0.2.0"}, True),
    ({"devRef": "registry.example/mirror/prometheus-elector-0123:latest"}, True)])
def test_notes_warn_where_the_image_is_prometheus_electors(image, is_theirs):
    assert ("WARNING: elector.image names" in notes_of({"elector": {"image": image}})) == is_theirs
