"""docs/chart.md: a release in plain mode comes to the gate in three steps, and no scrape is missing in the storage."""
import pytest

from lib import helm, manifests
from lib.contained_pods import leader_of
from lib.polling import poll

STORAGE = "http://storage.storage.svc.cluster.local:9090/api/v1/write"
FOLLOWER = """\
follower:
  global: {scrape_interval: 1s}
  scrape_configs:
    - job_name: prometheus
      static_configs: [{targets: ['localhost:9090'], labels: {instance: $(POD_NAME)}}]
"""
LEADER = f"leader: {{remote_write: [{{url: '{STORAGE}'}}]}}\n"
GATE = {"gate": {"enabled": True, "remoteWrite": [{"url": STORAGE, "name": "storage",
                                               "lateness": helm.QUICK_LATENESS}]}}
# No busy machine ends a term.
LEASE = {"durationSeconds": 10, "renewDeadlineSeconds": 7, "retryPeriodSeconds": 0.5}


class Release:
    """The chart's objects and both pods of it."""

    def __init__(self, cluster):
        self._namespace = cluster.namespace
        stateful_set = self._apply(FOLLOWER + LEADER)
        self.pods = [cluster.pod(stateful_set, ordinal) for ordinal in range(2)]

    def upgrade(self, configuration, **values):
        """Changed files arrive in the pods that run; everything else waits for a restart."""
        stateful_set = self._apply(configuration, **values)
        for pod in self.pods:
            pod.sync_volumes()
            pod.become(stateful_set)

    def terms(self):
        """How often somebody has begun to lead."""
        return self._namespace.lease("prometheus-elector-lease")["spec"]["leaseTransitions"]

    def _apply(self, configuration, **values):
        objects = helm.render({
            "lease": LEASE, "elector": {"args": ["-config-envsubst", *helm.QUICK_FLAGS]},
            "configFiles": {"prometheus-elector.yaml": configuration}, **values}, namespace=self._namespace.name)
        manifests.apply_all(self._namespace, objects)
        return helm.only(objects, "StatefulSet")


@pytest.fixture
def release(cluster):
    return Release(cluster)


def restart(pod):
    """Where nobody tells what has arrived, a gate is ready half a minute after its lateness."""
    pod.delete()
    pod.start().wait_until_ready(120)


def arrived(pod):
    """{pod's name: when its scrapes of itself were made}, of all that the pod's Prometheus has."""
    answer = pod.fetch("http://127.0.0.1:9090/api/v1/query?query=up%7Bjob%3D%22prometheus%22%7D%5B10m%5D")
    return {each["metric"]["instance"]: [float(time) for time, _ in each["values"]]
            for each in answer.json()["data"]["result"]}


def findings(pod):
    return [each["id"] for each in pod.status()["preflight"]]


@pytest.mark.timeout(300)  # two restarts, each of which waits for what its gate holds
def test_three_steps_lead_from_plain_mode_to_the_gate_without_a_gap(release, storage):
    for pod in release.pods:
        pod.start().wait_until_ready()
    leader = leader_of(release.pods)
    follower = next(pod for pod in release.pods if pod is not leader)
    poll(lambda: arrived(storage).keys() == {leader.name}, 30, "the leader writes by itself")
    terms = release.terms()

    release.upgrade(FOLLOWER + LEADER, **GATE, updateStrategy={"type": "OnDelete"})
    restart(follower)

    poll(lambda: follower.status()["gate"]["destinations"][0]["held_requests"], 30, "the follower's gate holds")
    poll(lambda: findings(follower) == ["gate_leader_remote_write"], 30, "preflight knows that the leader writes twice")
    scraped_before = arrived(leader)

    release.upgrade(FOLLOWER, **GATE)
    restart(leader)
    assert leader_of(release.pods) is follower and release.terms() == terms + 1
    poll(lambda: len(arrived(storage).get(follower.name, [])) > 10, 30, "what the next leader scrapes arrives")
    stored = arrived(storage)
    assert missing(scraped_before[leader.name], stored[leader.name], since=stored[leader.name][0]) == []
    scraped, ended_at = arrived(follower)[follower.name], stored[leader.name][-1]
    assert scraped[0] < ended_at, "it has scraped before the other one's last"
    assert missing(scraped, stored[follower.name], since=ended_at) == []
    poll(lambda: findings(follower) == findings(leader) == [], 30, "preflight has nothing to say")


def missing(scraped, stored, since):
    """Scrapes from then on that are not stored, although a later one is."""
    return [time for time in scraped if since <= time < stored[-1] and time not in stored]
