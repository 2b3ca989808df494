"""What options of operator-patch turn on, run beside the real operator: the gate and the leader proxy."""
import re

import yaml

from lib import peers, web
from lib.operated import patched, prometheus, secret
from lib.polling import poll


def test_every_member_writes_to_its_gate_and_the_leaders_is_open(with_leader_config, namespace, new_group, fencing_sink):
    page = (peers.ROOT / "docs/operator.md").read_text()
    section = yaml.safe_load(re.search(r"```yaml\n(spec:\n  remoteWrite:.*?)```", page, re.DOTALL)[1])["spec"]
    section["remoteWrite"][0]["url"] = "http://localhost:9096/api/v1/write"  # the pod's, here
    with_leader_config.apply(
        secret("empty", leader_yaml=""), secret("gate", gate_yaml=yaml.safe_dump([{"url": fencing_sink.write_url}])))
    value, *rest = patched(prometheus(namespace, **section), "-leader-config-secret=empty", "-gate-config-secret=gate")
    with_leader_config.apply(value, *rest)
    group = new_group(value).start()
    leader, (follower,) = group.leader(), group.followers()
    poll(lambda: fencing_sink.account().samples(), 20, "samples arrive")
    poll(lambda: _destination(leader)["state"] == "open" and _destination(follower)["held_requests"] == 1, 20,
         "one passes on, one holds")
    group.wait_until_all_is_well()


def _destination(pod):
    destination, = pod.elector.status()["gate"]["destinations"]
    return destination


def test_every_member_answers_as_the_leaders_prometheus(with_leader_config, namespace, new_group):
    value, *rest = patched(prometheus(namespace), "-leader-config-secret=leader", "-proxy")
    with_leader_config.apply(value, *rest)
    group = new_group(value).start()
    leader = group.leader()
    for pod in group.pods:
        poll(lambda: f"/write/{leader.name}" in _configuration_through(pod), 20, f"it is shown through {pod.name}")


def _configuration_through(pod):
    return web.get(pod.elector.url + "/api/v1/status/config").json()["data"]["yaml"]
