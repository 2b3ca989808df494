"""A sidecar that restarts, alone or with its pod, and credentials that change while it runs."""
import signal
import time

from lib import isolation
from lib.elector import LONG_LEASE, RESUMABLE_LEASE, lease_of
from lib.elector import STEADY_LEASE_SECONDS as LEASE_SECONDS
from lib.fleet import LEASE_NAME
from lib.polling import poll, stays


def test_sidecar_restarted_before_expiry_goes_on_with_its_term_and_prometheus_never_stops(new_fleet, namespace, sink):
    fleet = new_fleet(namespace=namespace, flags=RESUMABLE_LEASE).start()
    leader, before = fleet.leader(), fleet.lease()["spec"]
    sink.wait_for_sole_writer(leader.name)
    leader.elector.kill()
    leader.elector.start().wait_until_serving()
    leader.elector.wait_until_leader()
    stays(leader.has_queue, 16, "Prometheus writes for longer than the lease of before")
    after = fleet.lease()["spec"]
    assert (after["acquireTime"], after.get("leaseTransitions")) == (before["acquireTime"],
                                                                     before.get("leaseTransitions"))
    assert sink.turns() == [leader.name]


def test_sidecar_without_its_state_file_does_not_trust_its_own_name_in_the_lease(writing_fleet, sink):
    leader, before = writing_fleet.leader(), writing_fleet.lease()["spec"]
    leader.elector.kill()
    for path in leader.output.parent.iterdir():
        if path not in (leader.output, leader.config) and "state" in path.name:
            path.unlink()
    leader.elector.start().wait_until_serving()
    assert not leader.elector.is_leader()
    poll(lambda: not leader.has_queue(), 20, "the follower's configuration is loaded")
    new = writing_fleet.leader()
    sink.wait_for_sole_writer(new.name)
    assert writing_fleet.lease()["spec"]["acquireTime"] != before["acquireTime"]


def test_follower_that_restarts_disturbs_nobody(writing_fleet, sink):
    leader, follower = writing_fleet.leader(), writing_fleet.followers()[0]
    assert follower.elector.terminate() == 0
    follower.elector.start().wait_until_serving()
    follower.elector.wait_until_follower_of(leader.name)
    assert leader.elector.is_leader() and sink.turns() == [leader.name]


def test_pod_that_is_shut_down_hands_over_before_the_expiry(writing_fleet, sink):
    old = writing_fleet.leader()
    terminated_at = time.monotonic()
    old.prometheus.signal(signal.SIGTERM)
    old.elector.signal(signal.SIGTERM)
    new = poll(lambda: writing_fleet.leader(besides=[old]), 30, "another member leads")
    assert time.monotonic() - terminated_at < LEASE_SECONDS
    assert old.elector.wait() == 0
    sink.wait_for_sole_writer(new.name)
    assert sink.turns() == [old.name, new.name]


def test_pod_that_is_shut_down_is_followed_at_once_with_the_default_delay_between_attempts(new_fleet, namespace):
    fleet = new_fleet(namespace=namespace, flags={**LONG_LEASE, "notify-retry-delay": None}).start(2)
    old, new = fleet.leader(), fleet.followers()[0]
    old.prometheus.signal(signal.SIGTERM)
    old.elector.signal(signal.SIGTERM)
    new.elector.wait_until_leader()
    assert old.elector.wait() == 0
    assert '"released"' in new.elector.get("/_elector/history").text(), "the lease was waited out"


def test_member_that_never_led_ends_although_prometheus_confirms_nothing(new_fleet):
    replica = new_fleet(prometheus="fake").add("prometheus-0")
    replica.elector.flags["notify-http-url"] = replica.prometheus.url + "/-/relod"
    replica.init()
    replica.elector.start().wait_until_serving()
    replica.elector.wait_for_problem("404")
    assert replica.elector.terminate() == 1
    assert "has not confirmed the follower's configuration" in replica.elector.log()


def test_sidecar_that_starts_with_broken_files_takes_back_what_it_left_as_a_leader(new_fleet):
    fleet = new_fleet(prometheus="fake").start(2)
    old, other = fleet.leader(), fleet.followers()[0]
    assert old.has_queue()
    old.elector.kill()
    old.config.write_text("follower: [\n")
    old.elector.start().wait_until_serving()
    poll(lambda: not old.has_queue(), 20, "the follower's configuration is loaded")
    other.elector.wait_until_leader()
    assert old.elector.problems("config.yaml") and not old.elector.is_leader()


def test_rotated_token_is_read_again_and_the_term_goes_on(new_fleet, namespace):
    fleet = new_fleet(namespace=namespace, prometheus="fake", flags=lease_of(LEASE_SECONDS))
    replica = fleet.add("prometheus-0")
    namespace.create_secret("first")
    replica.token_path.write_text(namespace.token(bound_secret="first"))
    fleet.launch()
    before = fleet.lease()["spec"]["acquireTime"]
    fresh = namespace.token()
    replica.token_path.write_text(fresh)
    namespace.delete_secret("first")  # the API server goes on accepting its token for 10 s
    poll(lambda: fresh in replica.store.tokens, 40, "the fresh token is used")
    stays(replica.elector.is_leader, LEASE_SECONDS, "the member leads")
    assert fleet.lease()["spec"]["acquireTime"] == before


def test_in_cluster_configuration_is_found_where_a_pod_has_it(new_fleet, namespace):
    fleet = new_fleet(namespace=namespace, prometheus="fake")
    account = fleet.folder / "service-account"
    account.mkdir(parents=True)
    replica = fleet.add("prometheus-0", flags={"kubeconfig": None}, wrapper=isolation.with_service_account(account))
    (account / "token").write_text(namespace.token())
    (account / "ca.crt").write_bytes(fleet.proxy_authority.ca_path.read_bytes())
    replica.elector.env |= {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(replica.store.port)}
    fleet.launch()
    assert namespace.lease(LEASE_NAME)["spec"]["holderIdentity"] == replica.name
