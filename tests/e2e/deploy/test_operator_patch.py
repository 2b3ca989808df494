"""`promfleet operator-patch`, the short way beside the Prometheus Operator: what the real operator and its config-reloader
make of the objects that it prints."""
import subprocess

import pytest
import yaml

from lib import peers
from lib.certificates import Authority
from lib.operated import leader_config, scrape_config, secret, service_account
from lib.polling import poll

SIDECARS = ["init-prometheus-elector", "prometheus-elector"]
OUTPUT_VOLUME = "promfleet-config-out"


def patch(value, *flags):
    """The documents that the command prints for this object."""
    result = subprocess.run([peers.promfleet(), "operator-patch", "-f", "-", *flags], input=yaml.safe_dump(value),
                            capture_output=True, text=True, timeout=20)
    assert result.returncode == 0, result.stderr
    return list(yaml.safe_load_all(result.stdout))


def prometheus(namespace, kind="Prometheus", version="v1", **spec):
    return {"apiVersion": f"monitoring.coreos.com/{version}", "kind": kind,
            "metadata": {"name": "k8s", "namespace": namespace.name},
            "spec": {"replicas": 2, "version": "v3.15.0", "serviceAccountName": "prometheus",
                     "scrapeConfigSelector": {}, "serviceMonitorSelector": {}, **spec}}


def containers(stateful_set):
    """{name: container}, the init containers in their order first."""
    spec = stateful_set["spec"]["template"]["spec"]
    return {each["name"]: each for each in [*spec["initContainers"], *spec["containers"]]}


def without_mount(container):
    """The container but for where /etc/prometheus/config_out comes from."""
    mounts = [each for each in container["volumeMounts"] if each["mountPath"] != "/etc/prometheus/config_out"]
    return {**container, "volumeMounts": mounts}


@pytest.fixture
def with_leader_config(operator, sink):
    """The operator, with the Secret that every object here names, a service account and a job."""
    operator.apply(service_account("prometheus"), secret("leader", leader_yaml=leader_config(sink)),
                   scrape_config("app", "127.0.0.1:1"))
    return operator


@pytest.mark.parametrize(("kind", "version"), [("Prometheus", "v1"), ("PrometheusAgent", "v1alpha1")])
def test_the_operator_adds_the_elector_and_leaves_its_own_containers_as_they_are(operator, namespace, kind, version):
    before = prometheus(namespace, kind, version, replicaExternalLabelName="",
                        additionalArgs=[{"name": "storage.remote.flush-deadline", "value": "2s"}])
    operator.apply(before)
    plain = containers(operator.stateful_set(before))
    operator.apply(*patch(before, "-leader-config-secret=leader"))
    poll(lambda: len(containers(operator.stateful_set(before))) > len(plain), 20, "the operator rolls out")
    patched = containers(operator.stateful_set(before))

    assert [name for name in patched if name not in plain] == SIDECARS
    assert list(patched)[1:3] == SIDECARS, "between the operator's init container and the others"
    assert patched["prometheus-elector"]["restartPolicy"] == "Always"
    assert {name: without_mount(patched[name]) for name in plain} == {
        name: without_mount(container) for name, container in plain.items()}
    mount = next(each for each in patched["prometheus"]["volumeMounts"]
                 if each["mountPath"] == "/etc/prometheus/config_out")
    assert mount == {"name": OUTPUT_VOLUME, "mountPath": "/etc/prometheus/config_out", "readOnly": True}
    assert {each["name"] for each in plain["config-reloader"]["env"]} <= {
        each["name"] for each in patched["prometheus-elector"]["env"]}


def test_changes_reach_the_right_prometheus_and_leadership_moves(with_leader_config, namespace, new_group, sink):
    value, *rest = patch(prometheus(namespace, ruleSelector={}), "-leader-config-secret=leader")
    with_leader_config.apply(value, *rest)
    group = new_group(value).start()
    leader = group.leader()
    sink.wait_for_sole_writer(leader.name)

    monitor = {"apiVersion": "monitoring.coreos.com/v1", "kind": "ServiceMonitor", "metadata": {"name": "added"},
               "spec": {"selector": {}, "endpoints": [{"port": "web"}]}}
    rule = {"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule", "metadata": {"name": "added"},
            "spec": {"groups": [{"name": "g", "rules": [{"record": "added", "expr": "vector(1)"}]}]}}
    with_leader_config.apply(monitor, rule)
    group.wait(lambda: all(f"serviceMonitor/{namespace.name}/added/0" in pod.prometheus.loaded_config()
                           for pod in group.pods), 30, "both run the new job")
    group.wait(lambda: all(pod.prometheus.rules() == ["added"] for pod in group.pods), 30, "both have the new rule")
    with_leader_config.apply(secret("leader", leader_yaml=leader_config(sink, tracing={"endpoint": "localhost:1"})))
    group.wait(lambda: "localhost:1" in leader.prometheus.loaded_config(), 20, "the leader has what the Secret adds")
    follower, = group.followers()
    assert "localhost:1" not in follower.prometheus.loaded_config()
    assert not follower.prometheus.remote_write_queues()
    assert group.foreign_writes() == 0
    assert [pod.elector.status()["problems"] for pod in group.pods] == [[], []]

    leader.kill()
    assert group.leader(besides=[leader]) is follower
    sink.wait_for_sole_writer(follower.name)


def test_every_shard_has_a_lease_of_its_own(with_leader_config, namespace, new_group, sink):
    value, *rest = patch(prometheus(namespace, shards=2, replicas=1), "-leader-config-secret=leader")
    with_leader_config.apply(value, *rest)
    group = new_group(value, shards=2).start()
    first, second = group.pods
    poll(lambda: first.elector.is_leader() and second.elector.is_leader(), 20, "each leads its own shard")
    holders = {name: namespace.lease(name)["spec"]["holderIdentity"]
               for name in ("prometheus-k8s-shard-0", "prometheus-k8s-shard-1")}
    assert holders == {"prometheus-k8s-shard-0": "prometheus-k8s-0", "prometheus-k8s-shard-1": "prometheus-k8s-shard-1-0"}
    assert "$(SHARD)" in with_leader_config.configuration(value)
    for pod, shard in ((first, 0), (second, 1)):
        assert {"source_labels": ["__tmp_hash", "__tmp_disable_sharding"], "regex": f"{shard};|.+;.+",
                "action": "keep"} == _sharding_rule(pod), pod.prometheus.loaded_config()


def _sharding_rule(pod):
    job, = yaml.safe_load(pod.prometheus.loaded_config())["scrape_configs"]
    rule = next(rule for rule in job["relabel_configs"] if "__tmp_disable_sharding" in rule.get("source_labels", []))
    return {key: rule[key] for key in ("source_labels", "regex", "action")}


def test_an_agent_with_tls_and_a_prefix_is_led_too(with_leader_config, namespace, new_group, sink, folder):
    certificate, key = Authority(folder / "authority").issue("agent")
    with_leader_config.apply(secret("tls", crt=certificate.read_text(), key=key.read_text()))
    tls = {"cert": {"secret": {"name": "tls", "key": "crt"}}, "keySecret": {"name": "tls", "key": "key"}}
    agent = prometheus(namespace, "PrometheusAgent", "v1alpha1", replicas=1, routePrefix="/agent",
                       web={"tlsConfig": tls})
    value, *rest = patch(agent, "-leader-config-secret=leader")
    with_leader_config.apply(value, *rest)
    group = new_group(value).start()
    sink.wait_for_sole_writer(group.leader().name)
    assert group.leader().elector.status()["problems"] == []
