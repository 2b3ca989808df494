"""Pods as prometheus-elector's chart makes them, with our image in the place of theirs and nothing else changed."""
import pytest

from lib import helm, manifests
from lib.contained_pods import leader_of
from lib.polling import poll

NAME, LEASE = "prometheus-elector-dev", "prometheus-elector-lease"
CONFIGURATION = """\
follower:
  global: {scrape_interval: 1s}
  scrape_configs:
    - job_name: prometheus
      static_configs: [{targets: ['localhost:9090']}]
leader:
  remote_write:
    - url: http://storage.storage.svc.cluster.local:9090/api/v1/write
      queue_config: {batch_send_deadline: 200ms}
"""
SECURITY = {"capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": True, "runAsNonRoot": True, "runAsUser": 1000}
FILES = ["-config=/etc/config/prometheus-elector.yaml", "-output=/etc/runtime/prometheus.yaml"]
ELECTOR_MOUNTS = [{"name": "config-volume", "mountPath": "/etc/config", "readOnly": True},
                  {"name": "runtime-volume", "mountPath": "/etc/runtime"}]
PROMETHEUS_MOUNTS = [{"name": "runtime-volume", "mountPath": "/etc/config", "readOnly": True},
                     {"name": "storage-volume", "mountPath": "/prometheus/data-agent"},
                     {"name": "storage-volume", "mountPath": "/prometheus/data"}]


def container(name, args, mounts, port=None, readiness=None):
    image = "prom/prometheus:v2.44.0" if name == "prometheus" else "promfleet/promfleet:v0"
    probe = {"readinessProbe": {"httpGet": {"path": readiness, "port": port[0]}}} if port else {}
    ports = {"ports": [{"name": port[0], "containerPort": port[1]}]} if port else {}
    return {"name": name, "image": image, "args": args, "volumeMounts": mounts, "securityContext": SECURITY,
            **ports, **probe}


@pytest.fixture
def stateful_set(namespace):
    url = "http://127.0.0.1:9090/-/"
    elector = [f"-lease-name={LEASE}", f"-lease-namespace={namespace.name}", *FILES, f"-notify-http-url={url}reload",
               f"-readiness-http-url={url}ready", f"-healthcheck-http-url={url}healthy", "-api-listen-address=:9095",
               "-api-proxy-enabled", f"-api-proxy-prometheus-service-name={NAME}",
               "-api-proxy-prometheus-local-port=9090", "-api-proxy-prometheus-remote-port=9090", *helm.QUICK_FLAGS,
               "-lease-duration=4s", "-lease-renew-deadline=2s", "-lease-retry-period=500ms"]
    prometheus = ["--config.file=/etc/config/prometheus.yaml", "--web.enable-lifecycle"]
    labels = {"app.kubernetes.io/name": "prometheus-elector", "app.kubernetes.io/instance": NAME}
    pod = {"serviceAccountName": "elector", "securityContext": {"fsGroup": 2000},
           "initContainers": [container("generate-init-config", [*FILES, "-init"], ELECTOR_MOUNTS)],
           "containers": [container("prometheus-elector", elector, ELECTOR_MOUNTS, ("http-elector", 9095),
                                    "/_elector/healthz"),
                          container("prometheus", prometheus, PROMETHEUS_MOUNTS, ("http", 9090), "/-/ready")],
           "volumes": [{"name": "config-volume", "configMap": {"name": f"{NAME}-config"}},
                       {"name": "runtime-volume", "emptyDir": {}}]}
    claim = {"metadata": {"name": "storage-volume"}, "spec": {
        "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}
    return {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": NAME, "namespace": namespace.name},
            "spec": {"replicas": 2, "serviceName": NAME, "selector": {"matchLabels": labels},
                     "template": {"metadata": {"labels": labels}, "spec": pod}, "volumeClaimTemplates": [claim]}}


def test_our_image_in_former_pods_leads_writes_and_fails_over(cluster, storage, stateful_set):
    config_map = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"{NAME}-config"},
                  "data": {"prometheus-elector.yaml": CONFIGURATION}}
    manifests.create_all(cluster.namespace, [config_map, stateful_set])
    pods = [cluster.pod(stateful_set, ordinal).start().wait_until_ready() for ordinal in range(2)]
    leader = leader_of(pods)
    follower = next(pod for pod in pods if pod is not leader)
    assert cluster.namespace.lease(LEASE)["spec"]["holderIdentity"] == leader.name

    def newest_sample():
        answer = storage.fetch("http://127.0.0.1:9090/api/v1/query?query=timestamp(up%7Bjob%3D%22prometheus%22%7D)")
        return float(answer.json()["data"]["result"][0]["value"][1])
    written = poll(newest_sample, 20, "what the leader scrapes arrives")
    assert follower.ask_elector("/api/v1/status/buildinfo").status == 200, "the proxy reaches the leader by its name"

    leader.kill()
    assert leader_of([follower], 15) is follower
    poll(lambda: newest_sample() > written + 5, 20, "what the next leader scrapes arrives")
