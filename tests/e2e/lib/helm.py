"""The chart of deploy/chart as the real helm renders it, and helm against the API server.

    objects = helm.render({"gate": {"enabled": True, ...}})
    stateful_set = helm.only(objects, "StatefulSet")
"""
import json
import os
import subprocess

import yaml

from lib import peers

HELM_4, HELM_3 = "helm-4.3.1", "helm-3.22.0"
CHART = peers.ROOT / "deploy/chart/promfleet"
# So that a failover is seen within seconds, and a second of the lease is left for a flush.
QUICK_LEASE = {"durationSeconds": 4, "renewDeadlineSeconds": 2, "retryPeriodSeconds": 0.5}
# Of a gate that scrapes each second: how long a follower holds, and is not ready until then.
QUICK_LATENESS = "9s"
QUICK_FLAGS = ["-readiness-poll-period=200ms", "-healthcheck-period=500ms", "-healthcheck-success-threshold=1"]
RELEASE, NAMESPACE = "prometheus-elector", "monitoring"


def app_version():
    """What the chart installs where its values do not say."""
    return yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"]


class Refused(AssertionError):
    """helm ended with an error, which is the message."""


def render(values=None, *, files=(), release=RELEASE, namespace=NAMESPACE, kube_version=None, version=HELM_4):
    """The objects of the chart. `values` come after those of `files`."""
    words = ["template", release, CHART, f"--namespace={namespace}", *(f"--values={file}" for file in files)]
    if kube_version:
        words.append(f"--kube-version={kube_version}")
    text = run(*words, "--values=-", text=json.dumps(values or {}), version=version)
    return [each for each in yaml.safe_load_all(text) if each]


def run(*words, text="", kubeconfig=None, folder=None, version=HELM_4):
    """What `helm WORDS` prints, called in `folder`."""
    # None of the caller's HELM_*: they may lead to another cluster than the test's.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HELM_")}
    environment["KUBECONFIG"] = str(kubeconfig or os.devnull)
    done = subprocess.run([peers.peer(version, "helm"), *words], input=text, capture_output=True, text=True,
                          env=environment, timeout=120, cwd=folder)
    if done.returncode != 0:
        raise Refused(done.stdout + done.stderr)
    return done.stdout


def of_kind(objects, kind):
    return [each for each in objects if each["kind"] == kind]


def only(objects, kind):
    """The one object of a kind, which needs to be the only one."""
    found = of_kind(objects, kind)
    assert len(found) == 1, f"{len(found)} of kind {kind}"
    return found[0]


def pod_spec(objects):
    return only(objects, "StatefulSet")["spec"]["template"]["spec"]


def container(objects, name):
    """A container or an init container of the pods."""
    spec = pod_spec(objects)
    return next(each for each in spec.get("initContainers", []) + spec["containers"] if each["name"] == name)


def configuration(objects):
    """The elector's configuration file, as text."""
    config_map = next(each for each in of_kind(objects, "ConfigMap") if each["metadata"]["name"].endswith("-config"))
    return config_map["data"]["prometheus-elector.yaml"]
