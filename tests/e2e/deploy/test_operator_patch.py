"""`promfleet operator-patch`, the short way beside the Prometheus Operator: what the real operator and its config-reloader
make of the objects that it prints."""
import pytest

from lib.operated import leader_config, patched, prometheus, secret, service_monitor
from lib.polling import poll

SIDECARS = ["init-prometheus-elector", "prometheus-elector"]
OUTPUT_VOLUME = "promfleet-config-out"


def containers(stateful_set):
    """{name: container}, the init containers in their order first."""
    spec = stateful_set["spec"]["template"]["spec"]
    return {each["name"]: each for each in [*spec["initContainers"], *spec["containers"]]}


def without_mount(container):
    """The container but for where /etc/prometheus/config_out comes from."""
    mounts = [each for each in container["volumeMounts"] if each["mountPath"] != "/etc/prometheus/config_out"]
    return {**container, "volumeMounts": mounts}


@pytest.mark.parametrize(("kind", "version"), [("Prometheus", "v1"), ("PrometheusAgent", "v1alpha1")])
def test_the_operator_adds_the_elector_and_leaves_its_own_containers_as_they_are(operator, namespace, kind, version):
    before = prometheus(namespace, kind, version, replicaExternalLabelName="",
                        additionalArgs=[{"name": "storage.remote.flush-deadline", "value": "2s"}])
    operator.apply(before)
    plain = containers(operator.stateful_set(before))
    operator.apply(*patched(before, "-leader-config-secret=leader"))
    poll(lambda: len(containers(operator.stateful_set(before))) > len(plain), 60, "the operator rolls out")
    after = containers(operator.stateful_set(before))

    assert [name for name in after if name not in plain] == SIDECARS
    assert list(after)[1:3] == SIDECARS, "between the operator's init container and the others"
    assert after["prometheus-elector"]["restartPolicy"] == "Always"
    assert {name: without_mount(after[name]) for name in plain} == {
        name: without_mount(container) for name, container in plain.items()}
    mount = next(each for each in after["prometheus"]["volumeMounts"]
                 if each["mountPath"] == "/etc/prometheus/config_out")
    assert mount == {"name": OUTPUT_VOLUME, "mountPath": "/etc/prometheus/config_out", "readOnly": True}
    assert {each["name"] for each in plain["config-reloader"]["env"]} <= {
        each["name"] for each in after["prometheus-elector"]["env"]}


def test_changes_reach_the_right_prometheus_and_leadership_moves(with_leader_config, namespace, new_group, sink):
    value, *rest = patched(prometheus(namespace, ruleSelector={}), "-leader-config-secret=leader")
    with_leader_config.apply(value, *rest)
    group = new_group(value).start()
    leader = group.leader()
    sink.wait_for_sole_writer(leader.name)

    rule = {"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule", "metadata": {"name": "added"},
            "spec": {"groups": [{"name": "g", "rules": [{"record": "added", "expr": "vector(1)"}]}]}}
    with_leader_config.apply(service_monitor("added"), rule)
    group.wait(lambda: all(f"serviceMonitor/{namespace.name}/added/0" in pod.prometheus.loaded_config()
                           for pod in group.pods), 60, "both run the new job")
    group.wait(lambda: all(pod.prometheus.rules() == ["added"] for pod in group.pods), 60, "both have the new rule")
    with_leader_config.apply(secret("leader", leader_yaml=leader_config(sink, tracing={"endpoint": "localhost:1"})))
    group.wait(lambda: "localhost:1" in leader.prometheus.loaded_config(), 40, "the leader has what the Secret adds")
    follower, = group.followers()
    assert "localhost:1" not in follower.prometheus.loaded_config()
    assert not follower.prometheus.remote_write_queues()
    assert group.foreign_writes() == 0
    group.wait_until_all_is_well()

    leader.kill()
    assert group.leader(besides=[leader]) is follower
    sink.wait_for_sole_writer(follower.name)
