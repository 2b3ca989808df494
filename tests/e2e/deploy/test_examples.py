"""The pods of both examples run for real, in containers and beside the real API server, and the leader fails over."""
import json
import urllib.parse

import pytest
import yaml

from lib import containers, helm, manifests, peers
from lib.pods import Cluster
from lib.polling import poll

EXAMPLES = peers.ROOT / "deploy/examples"
RELEASE = "prometheus-elector-dev"
IMAGES = {"promfleet/promfleet": containers.promfleet_image,
          "prom/prometheus": lambda: containers.prometheus_image("3.15")}
# Nothing else of the examples is changed: so that a failover is seen within seconds.
QUICK = {"lease": {"durationSeconds": 3, "renewDeadlineSeconds": 2, "retryPeriodSeconds": 0.5}}
QUICK_FLAGS = ["-readiness-poll-period=200ms", "-healthcheck-period=500ms", "-healthcheck-success-threshold=1"]
SCRAPE_INTERVAL_SECONDS = 1


@pytest.fixture
def cluster(folder, namespace):
    cluster = Cluster(folder, namespace, IMAGES)
    yield cluster
    cluster.stop()


def quick(example):
    """The values of an example, with other times."""
    values = yaml.safe_load((EXAMPLES / example).read_text())
    text = values["configFiles"]["prometheus-elector.yaml"]
    assert "scrape_interval: 15s" in text
    values["configFiles"]["prometheus-elector.yaml"] = text.replace("15s", f"{SCRAPE_INTERVAL_SECONDS}s")
    elector = values.setdefault("elector", {})
    elector["args"] = [*elector.get("args", []), *QUICK_FLAGS]
    return {**values, **QUICK}


def create(namespace, objects):
    for each in objects:
        each["metadata"]["namespace"] = namespace.name
        answer = manifests.create(namespace, each)
        assert answer.status == 201, answer.text()


def start_example(cluster, example):
    """Both pods of it, ready one after the other as a StatefulSet starts them."""
    objects = helm.render(quick(example), release=RELEASE, namespace=cluster.namespace.name)
    create(cluster.namespace, objects)
    stateful_set = helm.only(objects, "StatefulSet")
    return [cluster.pod(stateful_set, ordinal).start().wait_until_ready() for ordinal in range(2)]


def start_storage(cluster):
    objects = list(yaml.safe_load_all((EXAMPLES / "storage.yaml").read_text()))
    stateful_set = helm.only(objects, "StatefulSet")
    create(cluster.namespace, [json.loads(json.dumps(each)) for each in objects if each["kind"] != "Namespace"])
    return cluster.pod(stateful_set, 0).start().wait_until_ready()


def query(pod, expression, port=9090):
    answer = pod.fetch(f"http://127.0.0.1:{port}/api/v1/query?query={urllib.parse.quote(expression)}")
    assert answer.status == 200, answer.text()
    return answer.json()["data"]["result"]


def leader_of(pods, deadline_seconds=20):
    """The one that leads, all of them agreed."""
    def agreed():
        views = [pod.fetch("http://127.0.0.1:9095/_elector/leader").json() for pod in pods]
        names = {view["current_leader"] for view in views}
        leaders = [pod for pod, view in zip(pods, views) if view["is_leader"]]
        return leaders[0] if len(leaders) == 1 and names == {leaders[0].name} else None
    return poll(agreed, deadline_seconds, "one pod leads, and all agree")


def status(pod):
    return pod.fetch("http://127.0.0.1:9095/_elector/status").json()


def arrived(storage, pod):
    """When its own scrapes of itself, as the storage has them, were made."""
    series = query(storage, f'up{{job="prometheus",instance="{pod.name}"}}[10m]')
    return [float(time) for each in series for time, _ in each["values"]]


def test_agents_write_one_at_a_time_and_lose_nothing_when_the_leader_goes(cluster):
    storage = start_storage(cluster)
    pods = start_example(cluster, "agent-values.yaml")
    first = leader_of(pods)
    second = next(pod for pod in pods if pod is not first)
    poll(lambda: arrived(storage, first), 20, "what the leader scrapes arrives")
    assert not arrived(storage, second) and status(first)["problems"] == status(second)["problems"] == []

    first.kill()
    assert leader_of([second], 15) is second
    poll(lambda: arrived(storage, second), 20, "what the next leader scrapes arrives")
    first.start().wait_until_ready()
    poll(lambda: status(first)["gate"]["destinations"][0]["held_requests"], 30, "it holds")  # minReadySeconds' reason
    assert second.delete() == {"prometheus": 0, "prometheus-elector": 0}
    assert leader_of([first], 10) is first
    until = max(arrived(storage, second))
    poll(lambda: max(arrived(storage, first)) > until + 3, 20, "the first one writes again")
    times = sorted(arrived(storage, first) + arrived(storage, second))
    gaps = [after - before for before, after in zip(times, times[1:])]
    assert max(gaps) < 2.5 * SCRAPE_INTERVAL_SECONDS


def test_servers_answer_as_the_leader_whichever_is_asked(cluster):
    pods = start_example(cluster, "ha-values.yaml")
    first = leader_of(pods)
    second = next(pod for pod in pods if pod is not first)

    def started(pod, port):
        """When the Prometheus that answers there has started: by that it is known."""
        answer = pod.fetch(f"http://127.0.0.1:{port}/api/v1/status/runtimeinfo")
        assert answer.status == 200, answer.text()
        return answer.json()["data"]["startTime"]
    assert started(first, 9090) != started(second, 9090)
    assert started(first, 9095) == started(second, 9095) == started(first, 9090)
    assert status(first)["problems"] == status(second)["problems"] == []
    logs = [(pod.folder / "prometheus-elector.log").read_text() for pod in pods]
    assert not [log for log in logs if "RBAC" in log or "level=error" in log]
    assert cluster.namespace.lease("prometheus-elector-lease")["spec"]["holderIdentity"] == first.name

    first.kill()
    assert leader_of([second], 15) is second
    assert started(second, 9095) == started(second, 9090)
    poll(lambda: query(second, "up", port=9095), 10, "it answers queries")
