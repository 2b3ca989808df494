"""Pods as prometheus-elector's chart makes them, with our image in the place of theirs and nothing else changed."""
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
                      "args": [*helm.QUICK_FLAGS, "-lease-duration=4s", "-lease-renew-deadline=2s",
                               "-lease-retry-period=500ms"]},
          # Where Prometheus' own image has it; Debian's program has it elsewhere.
          "prometheus": {"args": ["--storage.tsdb.path=/prometheus/data"]}}


def test_our_image_in_former_pods_leads_writes_and_fails_over(cluster, storage, folder):
    release = cluster.namespace.name.replace("test", "prometheus-elector")  # in names that the whole cluster shares
    objects = former_chart.render(former_chart.write(folder), VALUES, release=release, namespace=cluster.namespace.name)
    manifests.create_all(cluster.namespace, objects)
    stateful_set = helm.only(objects, "StatefulSet")
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
