"""/_elector/ready: 200 from when a member could take over for the first time, whatever fails afterwards, until it leaves."""
from lib.elector import LONG_LEASE
from lib.polling import poll, stays


def why_not(replica):
    """"" once it is ready."""
    answer = replica.elector.get("/_elector/ready")
    lines = answer.text().splitlines()
    assert answer.status in (200, 503) and len(lines) == 1 and (answer.status == 200) == (lines == ["ready"])
    return "" if answer.status == 200 else lines[0]


def wait_until_ready(replica, deadline_seconds=30):
    poll(lambda: not why_not(replica), deadline_seconds, f"{replica.name} is ready")


def test_leader_and_followers_are_ready_and_stay_so_in_an_outage(fleet):
    for replica in fleet.replicas:
        wait_until_ready(replica)
    for replica in fleet.replicas:
        replica.store.cut()
        replica.prometheus.kill()
    for replica in fleet.replicas:
        poll(lambda: replica.elector.problems("nobody leads"), 30, "the outage is noticed")
        poll(lambda: replica.elector.problems("Prometheus:"), 30, "and that of Prometheus")
        assert not why_not(replica)


def test_member_waits_for_its_prometheus(new_fleet):
    replica = new_fleet(flags=LONG_LEASE).add("prometheus-0")
    replica.init()
    replica.elector.start().wait_until_serving()
    reason = "Prometheus has not been ready yet: "
    poll(lambda: why_not(replica).startswith(reason), 20, "it has asked")
    stays(lambda: why_not(replica).startswith(reason), 1, "it is not ready")
    replica.prometheus.start()
    wait_until_ready(replica)
    assert replica.elector.is_leader()


def test_member_waits_until_it_knows_who_leads(new_fleet, namespace):
    fleet = new_fleet(namespace=namespace, prometheus="fake")
    replica = fleet.add("prometheus-0")
    replica.store.cut()
    fleet.start_prometheus()
    replica.elector.start().wait_until_serving()
    poll(lambda: why_not(replica).startswith("nobody leads"), 20, "all but the lease is there")
    stays(lambda: why_not(replica).startswith("nobody leads"), 2, "it is not ready")
    replica.store.heal()
    wait_until_ready(replica)


def test_member_with_a_broken_configuration_waits_for_a_repaired_one(new_fleet):
    fleet = new_fleet(prometheus="fake")
    replica = fleet.add("prometheus-0")
    good = replica.config.read_text()
    fleet.start_prometheus()
    replica.config.write_text("follower: [")
    replica.elector.start().wait_until_serving()
    poll(lambda: "config.yaml" in why_not(replica), 20, "it says which file")
    replica.config.write_text(good)
    wait_until_ready(replica)


def test_member_that_leaves_is_not_ready_any_more(new_fleet):
    replica = new_fleet(prometheus="fake", flags=LONG_LEASE).start(1).leader()
    wait_until_ready(replica)
    replica.prometheus.reload_delay_seconds = 5
    replica.elector.signal(15)
    poll(lambda: why_not(replica) == "this member leaves", 5, "it says so while it demotes")
    assert replica.elector.wait() == 0


def test_follower_with_a_gate_is_ready_once_it_holds_what_the_leader_may_take_with_it(new_gate_fleet):
    fleet = new_gate_fleet(flags=LONG_LEASE, entry={"lateness": "15s"})  # of which it has to hold 10 s
    leader = fleet.add("prometheus-0")
    fleet.launch()
    wait_until_ready(leader)
    poll(lambda: leader.elector.status()["gate"]["destinations"][0]["watermark_time"], 30, "the destination accepts")

    follower = fleet.add("prometheus-1")
    follower.init()
    follower.prometheus.start().wait_until_ready()
    follower.elector.start().wait_until_serving()
    poll(lambda: why_not(follower).startswith("the gate does not hold yet"), 20, "nothing else is missing")
    fleet.line.cut()                       # the leader's samples do not arrive any more, and the watermark stands
    stays(lambda: why_not(follower), 5, "what the leader has not got rid of, it would take with it")
    fleet.line.heal()
    wait_until_ready(follower, 40)
    assert follower.elector.status()["gate"]["handicap_seconds"] == 0
