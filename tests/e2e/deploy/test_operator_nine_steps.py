"""Beside the Prometheus Operator in the nine steps that the operator fork of prometheus-elector asks for, by the files of
deploy/operator."""
import pytest

from lib.operated import DEPLOY, documents, leader_config, of_values, scrape_config, secret, service_monitor
from lib.polling import poll

WRITER = "leader"


def nine_steps(namespace):
    return documents((DEPLOY / "nine-steps.yaml").read_text(), namespace)[0]


def of_chart(namespace):
    return of_values("nine-steps-values.yaml", namespace)


@pytest.mark.parametrize("read", [nine_steps, of_chart])
def test_nine_steps_lead_and_changes_reach_the_right_prometheus(with_files, namespace, new_group, sink, read):
    value = read(namespace)
    with_files.apply(value)
    group = new_group(value).start()
    leader = group.leader()
    sink.wait_for_writer(WRITER)
    assert group.writers() == [leader]

    with_files.apply(service_monitor("added"))
    group.wait(lambda: all("/added/0" in pod.prometheus.loaded_config() for pod in group.pods), 60, "both have the job")
    with_files.apply(secret("prometheus-leader", leader_yaml=leader_config(sink, WRITER, tracing={"endpoint": "here:1"})))
    group.wait(lambda: "here:1" in leader.prometheus.loaded_config(), 40, "the leader has what the Secret adds")
    follower, = group.followers()
    assert "here:1" not in follower.prometheus.loaded_config()
    assert group.foreign_writes() == 0

    leader.kill()
    assert group.leader(besides=[leader]) is follower
    sink.wait_for_writer(WRITER)
    assert group.writers() == [follower]


@pytest.mark.parametrize("read", [nine_steps, of_chart])
def test_what_each_shard_scrapes_is_written(with_files, namespace, new_group, sink, read):
    value = read(namespace)
    value["spec"] |= {"shards": 2, "replicas": 1}
    targets = {f"127.0.0.1:{port}" for port in range(1, 9)}  # some for each shard, by their hashes
    with_files.apply(value, scrape_config("apps", *targets))
    group = new_group(value, shards=2).start()
    poll(lambda: targets <= {dict(sample.labels).get("instance") for write in sink.writes(WRITER)
                             for sample in write.samples if sample.name == "up"}, 40, "all that is scraped is written")
    assert group.writers() == group.pods
    holders = [namespace.lease(f"prometheus-elector-{shard}")["spec"]["holderIdentity"] for shard in (0, 1)]
    assert holders == [pod.name for pod in group.pods]
