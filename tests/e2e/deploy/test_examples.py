"""The pods of both examples run for real, in containers and beside the real API server, and the leader fails over."""
import time
import urllib.parse

import yaml

from lib import helm, manifests, peers
from lib.contained_pods import leader_of, wait_until_all_is_well
from lib.polling import poll

EXAMPLES = peers.ROOT / "deploy/examples"
RELEASE = "prometheus-elector-dev"
SCRAPE_INTERVAL_SECONDS = 1
GAP_SECONDS_MAX = 6  # of a busy machine's scrapes; what a handover loses, the leaders' overlap tells


def quick(example):
    """The values of an example, with other times, so that a failover is seen within seconds."""
    values = yaml.safe_load((EXAMPLES / example).read_text())
    text = values["configFiles"]["prometheus-elector.yaml"]
    assert "scrape_interval: 15s" in text
    values["configFiles"]["prometheus-elector.yaml"] = text.replace("15s", f"{SCRAPE_INTERVAL_SECONDS}s")
    for entry in values.get("gate", {}).get("remoteWrite", []):
        entry["lateness"] = helm.QUICK_LATENESS
    elector = values.setdefault("elector", {})
    elector["args"] = [*elector.get("args", []), *helm.QUICK_FLAGS]
    return {**values, "lease": helm.QUICK_LEASE}


def start_example(cluster, example):
    """Both pods of it, ready one after the other as a StatefulSet starts them."""
    objects = helm.render(quick(example), release=RELEASE, namespace=cluster.namespace.name)
    manifests.create_all(cluster.namespace, objects)
    stateful_set = helm.only(objects, "StatefulSet")
    return [cluster.pod(stateful_set, ordinal).start().wait_until_ready() for ordinal in range(2)]


def query(pod, expression, port=9090):
    answer = pod.fetch(f"http://127.0.0.1:{port}/api/v1/query?query={urllib.parse.quote(expression)}")
    assert answer.status == 200, answer.text()
    return answer.json()["data"]["result"]


def arrived(storage, pod):
    """When its own scrapes of itself, as the storage has them, were made."""
    series = query(storage, f'up{{job="prometheus",instance="{pod.name}"}}[10m]')
    return [float(time) for each in series for time, _ in each["values"]]


def test_agents_write_one_at_a_time_and_lose_nothing_when_the_leader_goes(cluster, storage):
    pods = start_example(cluster, "agent-values.yaml")
    first = leader_of(pods)
    second = next(pod for pod in pods if pod is not first)
    poll(lambda: arrived(storage, first), 20, "what the leader scrapes arrives")
    assert not arrived(storage, second)
    wait_until_all_is_well(pods)

    first.kill()
    killed_at = time.time()
    assert leader_of([second], 15) is second
    poll(lambda: arrived(storage, second), 20, "what the next leader scrapes arrives")
    first.start().wait_until_ready()  # it holds what the other one might take with it
    assert second.delete() == {"prometheus": 0, "prometheus-elector": 0}
    assert leader_of([first], 20) is first
    until = max(arrived(storage, second))
    poll(lambda: max(arrived(storage, first)) > until + 3, 30, "the first one writes again")
    of_first, of_second = arrived(storage, first), arrived(storage, second)
    before, again = ([time for time in of_first if (time < killed_at) == is_before] for is_before in (True, False))
    assert of_second[0] <= before[-1] and again[0] <= of_second[-1], "each had held what the other might take with it"
    times = sorted(of_first + of_second)
    assert max(later - earlier for earlier, later in zip(times, times[1:])) < GAP_SECONDS_MAX, times


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
    wait_until_all_is_well(pods)
    logs = [(pod.folder / "prometheus-elector.log").read_text() for pod in pods]
    assert not [log for log in logs if "RBAC" in log or "level=error" in log]
    assert cluster.namespace.lease("prometheus-elector-lease")["spec"]["holderIdentity"] == first.name

    first.kill()
    assert leader_of([second], 15) is second
    assert started(second, 9095) == started(second, 9090)
    poll(lambda: query(second, "up", port=9095), 20, "it answers queries")
