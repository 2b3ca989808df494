"""Objects of the Prometheus Operator with electors, and their replicas as they come out of the real operator."""
import re
import subprocess

import yaml

from lib import peers
from lib.elector import arguments
from lib.fleet import QUICK
from lib.pod import Pod
from lib.polling import poll
from lib.processes import end_all

DEPLOY = peers.ROOT / "deploy/operator"
# Short, and yet with more than the objects' flush deadline of 2 s for a demotion: 10 s - 6 s - 1 s.
LEASE = {"lease-duration": "10s", "lease-renew-deadline": "6s", "lease-retry-period": "500ms"}


def patched(value, *flags):
    """The documents that `promfleet operator-patch` prints for this object."""
    result = subprocess.run([peers.promfleet(), "operator-patch", "-f", "-", *flags], input=yaml.safe_dump(value),
                            capture_output=True, text=True, timeout=20)
    assert result.returncode == 0, result.stderr
    return list(yaml.safe_load_all(result.stdout))


def prometheus(namespace, kind="Prometheus", version="v1", **spec):
    """An object as users have it."""
    return {"apiVersion": f"monitoring.coreos.com/{version}", "kind": kind,
            "metadata": {"name": "k8s", "namespace": namespace.name},
            "spec": {"replicas": 2, "version": "v3.15.0", "serviceAccountName": "prometheus",
                     "scrapeConfigSelector": {}, "serviceMonitorSelector": {}, **spec}}


def documents(text, namespace):
    """The objects of a manifest that is written for the namespace `monitoring`, for a test's own."""
    return [each for each in yaml.safe_load_all(re.sub(r"(namespace[:=] ?)monitoring\b", rf"\1{namespace.name}", text))
            if each]


def read_values(name, namespace):
    """Values for kube-prometheus-stack."""
    values, = documents((DEPLOY / name).read_text(), namespace)
    return values


def of_values(name, namespace):
    """The Prometheus that kube-prometheus-stack makes of the values, as far as they say, and of its own defaults."""
    values = read_values(name, namespace)
    spec = dict(values["prometheus"]["prometheusSpec"])
    if spec.pop("replicaExternalLabelNameClear"):
        spec["replicaExternalLabelName"] = ""
    release = f"{values['fullnameOverride']}-prometheus"
    return {"apiVersion": "monitoring.coreos.com/v1", "kind": "Prometheus",
            "metadata": {"name": release, "namespace": namespace.name},
            "spec": {"serviceAccountName": release, "portName": "http-web",
                     "securityContext": {"fsGroup": 2000, "runAsGroup": 2000, "runAsUser": 1000, "runAsNonRoot": True,
                                         "seccompProfile": {"type": "RuntimeDefault"}},
                     "serviceMonitorSelector": {}, "podMonitorSelector": {}, "scrapeConfigSelector": {},
                     "ruleSelector": {}, **spec}}


def service_of_values(name, namespace):
    """The Service that kube-prometheus-stack makes for it, by which its own ServiceMonitors find the pods."""
    values = read_values(name, namespace)
    release = f"{values['fullnameOverride']}-prometheus"
    ports = [{"name": "http-web", "port": 9090, "targetPort": 9090},
             *values["prometheus"].get("service", {}).get("additionalPorts", [])]
    return {"apiVersion": "v1", "kind": "Service",
            "metadata": {"name": release, "namespace": namespace.name,
                         "labels": {"app": "kube-prometheus-stack-prometheus", "self-monitor": "true"}},
            "spec": {"selector": {"app.kubernetes.io/name": "prometheus", "operator.prometheus.io/name": release},
                     "ports": ports}}


def monitors_of_values(name, namespace):
    """The ServiceMonitors and PodMonitors that the values ask for."""
    values = read_values(name, namespace)["prometheus"]
    kinds = {"ServiceMonitor": "additionalServiceMonitors", "PodMonitor": "additionalPodMonitors"}
    return [{"apiVersion": "monitoring.coreos.com/v1", "kind": kind,
             "metadata": {"name": each["name"], "namespace": namespace.name},
             "spec": {key: part for key, part in each.items() if key != "name"}}
            for kind, key in kinds.items() for each in values.get(key, [])]


def service_account(name):
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}


def secret(name, **files):
    """`files`: by the key, with _ for a dot."""
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name},
            "stringData": {key.replace("_", "."): value for key, value in files.items()}}


def leader_config(sink, writer="$(POD_NAME)", **more):
    """Writes to the sink under the pod's name, which is filled in where the elector substitutes."""
    return yaml.safe_dump({"remote_write": [{
        "url": sink.write_url(writer), "metadata_config": {"send": False},
        "queue_config": {"min_shards": 1, "max_shards": 1, "batch_send_deadline": "100ms"}}], **more})


def scrape_config(name, *targets, interval="1s"):
    """A job that every member has, whatever Services there are."""
    return {"apiVersion": "monitoring.coreos.com/v1alpha1", "kind": "ScrapeConfig", "metadata": {"name": name},
            "spec": {"staticConfigs": [{"targets": list(targets)}], "scrapeInterval": interval, "scrapeTimeout": interval}}


def service_monitor(name):
    return {"apiVersion": "monitoring.coreos.com/v1", "kind": "ServiceMonitor", "metadata": {"name": name},
            "spec": {"selector": {}, "endpoints": [{"port": "web"}]}}


class Group:
    """The pods of the object's shards; nothing is started before start()."""

    def __init__(self, folder, operator, value, *, shards=1, flags=None):
        self.operator, self.value = operator, value
        self.stateful_sets = [operator.stateful_set(value, shard) for shard in range(shards)]
        words = arguments({**LEASE, **QUICK, **(flags or {})})
        self.pods = [Pod(folder, operator, each, ordinal, flags=words)
                     for each in self.stateful_sets for ordinal in range(value["spec"].get("replicas", 1))]

    def start(self):
        self.operator.configuration(self.value)
        for pod in self.pods:
            pod.prepare(self.pods)
        for pod in self.pods:
            pod.start()
        for pod in self.pods:  # what changes before, it may take minutes to see
            pod.processes["config-reloader"].wait_for_log("started watching config file", 30)
        return self

    def leader(self, deadline_seconds=40, besides=()):
        """The pod that leads, all running members agreed."""
        def agreed():
            running = [pod for pod in self.pods if pod not in besides]
            leaders = [pod for pod in running if pod.elector.is_leader()]
            views = {pod.elector.current_leader() for pod in running}
            return leaders[0] if len(leaders) == 1 and views == {leaders[0].name} else None
        return poll(agreed, deadline_seconds, "one member leads and all agree")

    def followers(self):
        leader = self.leader()
        return [pod for pod in self.pods if pod is not leader]

    def wait(self, condition, deadline_seconds, what):
        """poll() beside which the kubelets bring the volumes up to date."""
        def synced():
            for pod in self.pods:
                pod.sync()
            return condition()
        return poll(synced, deadline_seconds, what)

    def writers(self):
        """The pods whose Prometheus has a queue, by its own account."""
        running = [pod for pod in self.pods if pod.prometheus.is_running()]
        return [pod for pod in running if pod.prometheus.remote_write_queues()]

    def foreign_writes(self):
        return sum(pod.elector.metric("promfleet_elector_output_foreign_writes_total") for pod in self.pods)

    def wait_until_all_is_well(self):
        """Until no elector reports a problem, such as that of the moment before there is a leader."""
        poll(lambda: [pod.elector.status()["problems"] for pod in self.pods] == [[] for _ in self.pods], 30,
             "nothing is amiss")

    def stop(self):
        end_all([process for pod in self.pods for process in pod.processes.values()])
