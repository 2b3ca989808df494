"""Pods of the chart that the examples have not: with TLS and passwords everywhere, and without sidecars."""
import base64
import json

import pytest
import yaml

from lib import helm, manifests
from lib.certificates import Authority
from lib.passwords import basic, bcrypt
from lib.contained_pods import leader_of, wait_until_all_is_well
from lib.polling import poll, stays

ALICE = {"username": "alice", "password": "wonderland"}
STORAGE = "http://storage.storage.svc.cluster.local:9090/api/v1/write"
# With a password, Prometheus does not let itself be scraped by just anybody.
CONFIGURATION = """\
follower:
  global: {scrape_interval: 1s}
  scrape_configs:
    - job_name: elector
      metrics_path: /_elector/metrics
      scheme: https
      tls_config: {ca_file: /tls/ca.crt, server_name: localhost}
      basic_auth: {username: alice, password: wonderland}
      static_configs: [{targets: ['127.0.0.1:9095'], labels: {instance: $(POD_NAME)}}]
"""
GUARDED = {
    "enableLeaderProxy": True, "lease": helm.QUICK_LEASE, "configFiles": {"prometheus-elector.yaml": CONFIGURATION},
    "gate": {"enabled": True, "remoteWrite": [{"url": STORAGE, "name": "storage"}],
             "client": {"tls_config": {"ca_file": "/tls/ca.crt", "server_name": "localhost"},
                        "basic_auth": {"username": "alice", "password_file": "/tls/password"}}},
    "elector": {"args": ["-config-envsubst", *helm.QUICK_FLAGS],
                "webConfig": {"secretName": "web", "authenticated": True}},
    "prometheus": {"webConfig": {"secretName": "web", "authenticated": True, "clientConfigKey": "client.yaml"},
                   "extraVolumeMounts": [{"name": "tls", "mountPath": "/tls", "readOnly": True}]},
    "extraVolumes": [{"name": "tls", "secret": {"secretName": "web"}}]}


def web_secret(authority):
    """What both ports show and ask for, and how the elector introduces itself to its Prometheus."""
    certificate, key = authority.issue("pod")
    files = {"tls.crt": certificate.read_bytes(), "tls.key": key.read_bytes(), "ca.crt": authority.ca_path.read_bytes(),
             "password": ALICE["password"].encode(),
             "web-config.yaml": yaml.safe_dump({
                 "tls_server_config": {"cert_file": "tls.crt", "key_file": "tls.key"},
                 "basic_auth_users": {"alice": bcrypt("wonderland")}}).encode(),
             "client.yaml": yaml.safe_dump({"basic_auth": ALICE, "tls_config": {
                 "ca_file": "ca.crt", "server_name": "localhost"}}).encode()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "web"},
            "data": {name: base64.b64encode(content).decode() for name, content in files.items()}}


def rules(name):
    """A file with a group of this name."""
    return yaml.safe_dump({"groups": [{"name": name, "rules": [{"record": "one", "expr": "1"}]}]})


def start(cluster, values, **options):
    objects = helm.render(values, namespace=cluster.namespace.name, **options)
    manifests.create_all(cluster.namespace, objects)
    return [cluster.pod(helm.only(objects, "StatefulSet"), ordinal) for ordinal in range(2)]


def test_every_port_asks_for_tls_and_a_password_and_everybody_who_belongs_there_has_them(cluster, storage, folder):
    manifests.create_all(cluster.namespace, [web_secret(Authority(folder / "authority"))])
    pods = start(cluster, GUARDED)
    for pod in pods:
        pod.scheme, pod.headers = "https", basic("alice", "wonderland")
        pod.start().wait_until_ready()
    leader = leader_of(pods)
    follower = next(pod for pod in pods if pod is not leader)

    def arrived():
        answer = storage.fetch("http://127.0.0.1:9090/api/v1/query?query=up%7Bjob%3D%22elector%22%7D")
        return {each["metric"]["instance"] for each in answer.json()["data"]["result"]}
    poll(lambda: arrived() == {leader.name}, 30, "what the leader scrapes arrives through its gate")
    poll(lambda: follower.status()["gate"]["destinations"][0]["held_requests"], 30, "the follower's gate holds")
    wait_until_all_is_well(pods)

    for port, path in ((9095, "/_elector/status"), (9095, "/api/v1/query?query=up"), (9090, "/-/ready")):
        assert follower.fetch(f"https://127.0.0.1:{port}{path}").status == 401, (port, path)
    answer = follower.ask_elector("/api/v1/status/runtimeinfo")
    own = leader.fetch("https://127.0.0.1:9090/api/v1/status/runtimeinfo", leader.headers)
    assert answer.json()["data"]["startTime"] == own.json()["data"]["startTime"]


FILES = {"prometheus-elector.yaml": "follower: {rule_files: [/etc/config/*.rules.yaml]}", "a.rules.yaml": rules("first")}
OBJECTS = {"apiVersion": "v1", "metadata": {"name": "mine"}}


@pytest.mark.parametrize(("values", "objects"), [
    ({"configFiles": FILES}, []),
    ({"config": {"existingSecret": "mine"}}, [{**OBJECTS, "kind": "Secret", "stringData": FILES}]),
    ({"config": {"existingConfigMap": "mine"}}, [{**OBJECTS, "kind": "ConfigMap", "data": FILES}])],
    ids=["configFiles", "existingSecret", "existingConfigMap"])
def test_files_beside_the_configuration_are_prometheus_rules_and_follow_a_change(cluster, values, objects):
    manifests.create_all(cluster.namespace, objects)
    pod = start(cluster, {"elector": {"args": helm.QUICK_FLAGS}, **values})[0]
    pod.start().wait_until_ready()

    def groups():
        answer = pod.fetch("http://127.0.0.1:9090/api/v1/rules").json()
        return [group["name"] for group in answer["data"]["groups"]]
    assert groups() == ["first"]
    (pod.folder / "volumes/config-volume/a.rules.yaml").write_text(rules("second"))
    poll(lambda: groups() == ["second"], 30, "Prometheus has the changed rules")


def test_agents_of_prometheus_2_write_through_their_gates(cluster, storage):
    scrape = {"job_name": "self", "static_configs": [{"targets": ["localhost:9090"],
                                                      "labels": {"instance": "$(POD_NAME)"}}]}
    pods = start(cluster, {
        "lease": helm.QUICK_LEASE, "elector": {"args": ["-config-envsubst", *helm.QUICK_FLAGS]},
        "prometheus": {"mode": "agent", "image": {"tag": "v2.44.0"}},
        "gate": {"enabled": True, "remoteWrite": [{"url": STORAGE, "name": "storage",
                                                   "lateness": helm.QUICK_LATENESS}]},
        "configFiles": {"prometheus-elector.yaml": "follower:\n  global: {scrape_interval: 1s}\n  scrape_configs: "
                        + json.dumps([scrape])}})
    for pod in pods:
        pod.start().wait_until_ready()
        assert "--enable-feature=agent" in pod.containers["prometheus"].command
        assert 'version="2.42' in pod.fetch("http://127.0.0.1:9090/metrics").text()
    leader = leader_of(pods)

    def arrived():
        answer = storage.fetch("http://127.0.0.1:9090/api/v1/query?query=up%7Bjob%3D%22self%22%7D")
        return [each["metric"]["instance"] for each in answer.json()["data"]["result"]]
    poll(lambda: arrived() == [leader.name], 30, "what the leader scrapes arrives")
    wait_until_all_is_well(pods)


@pytest.mark.parametrize(("values", "found"), [({}, []), ({"flushDeadline": "2s"}, ["flush_deadline_too_long"])])
def test_flush_deadline_of_the_chart_is_one_that_preflight_has_nothing_against(cluster, values, found):
    leader = {"remote_write": [{"url": f"http://127.0.0.1:{port}/write"} for port in (1, 2)]}
    pod = start(cluster, {"prometheus": values, "elector": {"args": helm.QUICK_FLAGS}, "configFiles": {
        "prometheus-elector.yaml": yaml.safe_dump({"follower": {}, "leader": leader})}})[0]
    pod.start().wait_until_ready(60)

    def has_found():
        return [each["id"] for each in pod.status()["preflight"]] == found
    poll(has_found, 30, "preflight has looked")
    stays(has_found, 3, "it is of that opinion")


def test_elector_beside_prometheus_hands_leadership_over_at_once_when_its_pod_is_deleted(cluster):
    values = {"lease": {"durationSeconds": 20, "renewDeadlineSeconds": 12}, "elector": {"args": helm.QUICK_FLAGS}}
    pods = start(cluster, values, kube_version="1.28.0")
    for pod in pods:
        pod.start().wait_until_ready()
    leader = leader_of(pods)
    follower = next(pod for pod in pods if pod is not leader)
    assert leader.delete() == {"prometheus": 0, "prometheus-elector": 0}
    assert leader_of([follower], 10) is follower
