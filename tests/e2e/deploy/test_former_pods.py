"""Pods as prometheus-elector's chart makes them, with our image in the place of theirs; then those of our chart."""
import time

import pytest

from lib import former_chart, helm, manifests
from lib.contained_pods import leader_of
from lib.polling import poll

LEASE = "prometheus-elector-lease"
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
VALUES = {"enableLeaderProxy": True, "configFiles": {"prometheus-elector.yaml": CONFIGURATION},
          "elector": {"image": {"repository": "promfleet/promfleet", "tag": "v0"},
                      "args": [*helm.QUICK_FLAGS, "-lease-duration=10s", "-lease-renew-deadline=7s",
                               "-lease-retry-period=500ms"]},
          # Where Prometheus' own image has it; Debian's program has it elsewhere.
          "prometheus": {"args": ["--storage.tsdb.path=/prometheus/data"]}}


class Former:
    """A release of that chart, and its pods."""

    def __init__(self, cluster, folder):
        self.cluster = cluster
        self._names = {"release": cluster.namespace.name.replace("test", "prometheus-elector"),  # in cluster-wide names
                       "namespace": cluster.namespace.name}
        objects = former_chart.render(former_chart.write(folder), VALUES, **self._names)
        manifests.create_all(cluster.namespace, objects)
        self.pods = [cluster.pod(helm.only(objects, "StatefulSet"), ordinal) for ordinal in range(2)]

    def start(self):
        for pod in self.pods:
            pod.start().wait_until_ready()
            leader_of(self.pods[:1])  # the first one leads, as the guide has it
        return self

    def upgrade(self):
        """To our chart, with the same values."""
        prometheus = {**VALUES["prometheus"], "image": {"tag": "v2.44.0"}}
        objects = helm.render({**VALUES, "prometheus": prometheus}, **self._names)
        manifests.apply_all(self.cluster.namespace, objects)
        for pod in self.pods:
            pod.become(helm.only(objects, "StatefulSet"))

    def lease(self):
        return self.cluster.namespace.lease(LEASE)["spec"]


@pytest.fixture
def former(cluster, folder):
    return Former(cluster, folder).start()


def newest_sample(storage):
    answer = storage.fetch("http://127.0.0.1:9090/api/v1/query?query=timestamp(up%7Bjob%3D%22prometheus%22%7D)")
    return float(answer.json()["data"]["result"][0]["value"][1])


def test_our_image_in_former_pods_leads_writes_and_fails_over(storage, former):
    leader, follower = former.pods
    assert former.lease()["holderIdentity"] == leader.name
    written = poll(lambda: newest_sample(storage), 30, "what the leader scrapes arrives")
    assert leader_of(former.pods) is leader
    assert follower.ask_elector("/api/v1/status/buildinfo").status == 200, "the proxy reaches the leader by its name"

    leader.kill()
    killed_at = time.time()
    assert leader_of([follower], 30) is follower
    poll(lambda: newest_sample(storage) > killed_at, 30, "what the next leader scrapes arrives")


def test_update_to_our_chart_in_the_order_of_a_rolling_one_moves_leadership_once(storage, former):
    first, last = former.pods
    terms = former.lease()["leaseTransitions"]
    former.upgrade()
    for pod in (last, first):
        pod.delete()
        pod.start().wait_until_ready()
    assert leader_of(former.pods) is last and former.lease()["leaseTransitions"] == terms + 1
    led_from = time.time()
    poll(lambda: newest_sample(storage) > led_from, 30, "what the next leader scrapes arrives")
