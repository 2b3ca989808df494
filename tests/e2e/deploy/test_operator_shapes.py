"""Objects of other shapes than a pair of Prometheus, patched and run: shards, an agent, TLS, a prefix."""
import yaml

from lib.certificates import Authority
from lib.operated import patched, prometheus, secret
from lib.polling import poll


def test_every_shard_has_a_lease_of_its_own(with_leader_config, namespace, new_group, sink):
    value, *rest = patched(prometheus(namespace, shards=2, replicas=1), "-leader-config-secret=leader")
    with_leader_config.apply(value, *rest)
    group = new_group(value, shards=2).start()
    first, second = group.pods
    poll(lambda: first.elector.is_leader() and second.elector.is_leader(), 20, "each leads its own shard")
    holders = {name: namespace.lease(name)["spec"]["holderIdentity"]
               for name in ("prometheus-k8s-shard-0", "prometheus-k8s-shard-1")}
    assert holders == {"prometheus-k8s-shard-0": "prometheus-k8s-0", "prometheus-k8s-shard-1": "prometheus-k8s-shard-1-0"}
    assert "$(SHARD)" in with_leader_config.configuration(value)
    for pod, shard in ((first, 0), (second, 1)):
        assert {"source_labels": ["__tmp_hash", "__tmp_disable_sharding"], "regex": f"{shard};|.+;.+",
                "action": "keep"} == _sharding_rule(pod), pod.prometheus.loaded_config()


def _sharding_rule(pod):
    job, = yaml.safe_load(pod.prometheus.loaded_config())["scrape_configs"]
    rule = next(rule for rule in job["relabel_configs"] if "__tmp_disable_sharding" in rule.get("source_labels", []))
    return {key: rule[key] for key in ("source_labels", "regex", "action")}


def test_an_agent_with_tls_and_a_prefix_is_led_too(with_leader_config, namespace, new_group, sink, folder):
    certificate, key = Authority(folder / "authority").issue("agent")
    with_leader_config.apply(secret("tls", crt=certificate.read_text(), key=key.read_text()))
    tls = {"cert": {"secret": {"name": "tls", "key": "crt"}}, "keySecret": {"name": "tls", "key": "key"}}
    agent = prometheus(namespace, "PrometheusAgent", "v1alpha1", replicas=1, routePrefix="/agent",
                       web={"tlsConfig": tls})
    value, *rest = patched(agent, "-leader-config-secret=leader")
    with_leader_config.apply(value, *rest)
    group = new_group(value).start()
    sink.wait_for_sole_writer(group.leader().name)
    group.wait_until_all_is_well()
