"""An environment that misbehaves: always a clear message, nothing lost, recovery without a restart."""
import time

import pytest

from lib import isolation, kube
from lib.certificates import Authority, server_tls
from lib.elector import LEASE_SECONDS, LONG_LEASE, lease_of
from lib.fleet import LEASE_NAME
from lib.polling import poll, stays


@pytest.fixture
def replica(new_fleet, namespace):
    """A replica on the real API server with a fake Prometheus; its elector has not been started."""
    replica = new_fleet(namespace=namespace, prometheus="fake").add("prometheus-0")
    replica.init()
    return replica


def wait_for_report(replica, *words, deadline_seconds=30):
    """Until log and health page both have each of the words; the elector still serves and does not lead."""
    for word in words:
        replica.elector.wait_for_log(word, deadline_seconds)
        replica.elector.wait_for_problem(word, deadline_seconds)
    assert replica.elector.healthz().status == 200 and not replica.elector.is_leader()


def test_name_of_the_api_server_that_does_not_resolve_is_reported_until_it_does(new_fleet, namespace):
    fleet = new_fleet(namespace=namespace, prometheus="fake")
    hosts_path = fleet.folder / "hosts"
    replica = fleet.add("prometheus-0", wrapper=isolation.with_hosts(hosts_path))
    hosts_path.write_text("127.0.0.1 localhost\n")
    replica.store.serve_certificate(server_tls(*fleet.proxy_authority.issue("named", hosts=["api.test.invalid"])))
    kubeconfig = replica.elector.flags["kubeconfig"]
    kubeconfig.write_text(kubeconfig.read_text().replace("127.0.0.1", "api.test.invalid"))
    replica.init()
    replica.elector.start().wait_until_serving()
    wait_for_report(replica, "api.test.invalid")
    with open(hosts_path, "a", encoding="ascii") as hosts:
        hosts.write("127.0.0.1 api.test.invalid\n")
    replica.elector.wait_until_leader()


@pytest.mark.parametrize("fault", ["of another authority", "expired", "for another name"])
def test_bad_certificate_of_the_api_server_is_refused_with_the_reason_until_it_is_good(new_fleet, namespace, folder,
                                                                                      fault):
    fleet = new_fleet(namespace=namespace, prometheus="fake")
    replica = fleet.add("prometheus-0")
    bad = {"of another authority": lambda: Authority(folder / "stranger").issue("proxy"),
           "expired": lambda: fleet.proxy_authority.issue_expired("expired"),
           "for another name": lambda: fleet.proxy_authority.issue("other", hosts=["other.example"])}[fault]()
    replica.store.serve_certificate(server_tls(*bad))
    replica.init()
    replica.elector.start().wait_until_serving()
    wait_for_report(replica, "certificate")
    assert not replica.store.tokens, "the token went to a server that could not prove who it is"
    replica.store.serve_certificate(server_tls(*fleet.proxy_authority.issue("proxy")))
    replica.elector.wait_until_leader()


def test_permission_that_is_missing_is_named_and_granting_it_is_enough(new_fleet, api_server):
    namespace = kube.Namespace(api_server, rules=[{**kube.SEED_RULES[0], "verbs": ["get", "list", "watch"]}])
    replica = new_fleet(namespace=namespace, prometheus="fake").add("prometheus-0")
    replica.init()
    replica.elector.start().wait_until_serving()
    wait_for_report(replica, "create", "leases")
    namespace.replace_rules(kube.SEED_RULES)
    replica.elector.wait_until_leader()


def test_tighter_role_by_resource_name_is_enough(new_fleet, api_server):
    namespace = kube.Namespace(api_server, rules=kube.rules_for_one_lease(LEASE_NAME))
    fleet = new_fleet(namespace=namespace, prometheus="fake", flags=LONG_LEASE).start(2)
    old, new = fleet.leader(), fleet.followers()[0]
    old.elector.terminate()
    new.elector.wait_until_leader()


@pytest.mark.parametrize("status", [429, 503])
def test_busy_api_server_is_waited_for(replica, status):
    replica.store.answer(status)
    replica.elector.start().wait_until_serving()
    wait_for_report(replica, str(status))
    replica.store.heal()
    replica.elector.wait_until_leader()


def test_deleted_lease_is_created_again_and_one_member_leads(new_fleet, namespace):
    fleet = new_fleet(namespace=namespace, prometheus="fake", flags=LONG_LEASE).start(2)
    namespace.delete_lease(LEASE_NAME)
    poll(fleet.lease, 20, "the Lease is there again")
    leader = fleet.leader()
    assert fleet.lease()["spec"]["holderIdentity"] == leader.name
    poll(lambda: [replica.has_queue() for replica in fleet.replicas].count(True) == 1, 20, "one Prometheus writes")


@pytest.mark.parametrize("holder", ["somebody-else", "x" * 4096, 'ü "\\\n\t<b>'],
                         ids=["another", "a long name", "a strange name"])
def test_leader_of_an_edited_lease_loses_authority_at_once_and_the_edit_is_waited_out(new_fleet, namespace, holder):
    fleet = new_fleet(namespace=namespace, prometheus="fake", flags=lease_of(9)).start(2)
    leader = fleet.leader()
    edited_at = time.monotonic()
    fleet.edit_lease(lambda lease: lease["spec"].update(holderIdentity=holder))
    poll(lambda: not leader.elector.is_leader(), 4, "the leader gives up, before its renew deadline of 6 s")
    poll(lambda: not leader.has_queue(), 20, "its Prometheus stops writing")
    fleet.leader()
    assert time.monotonic() - edited_at >= 9
    assert fleet.lease()["spec"]["holderIdentity"] in [replica.name for replica in fleet.replicas]


def test_emptied_lease_ends_the_term_which_its_leader_releases_once_it_is_demoted(new_fleet, namespace):
    fleet = new_fleet(namespace=namespace, prometheus="fake", flags=LONG_LEASE).start(2)
    leader, term = fleet.leader(), fleet.lease()["spec"]["acquireTime"]
    reloads = len(leader.prometheus.reloads)
    fleet.edit_lease(lambda lease: lease["spec"].update(holderIdentity=""))
    poll(lambda: fleet.lease()["spec"]["acquireTime"] != term, 20, "another term has begun")
    assert "remote_write" not in leader.prometheus.reloads[reloads].config
    assert fleet.lease()["spec"]["holderIdentity"] == fleet.leader().name


def test_change_of_the_leases_metadata_alone_changes_nothing(new_fleet, namespace):
    fleet = new_fleet(namespace=namespace, prometheus="fake", flags=LONG_LEASE).start(1)
    leader, before = fleet.leader(), fleet.lease()["spec"]["acquireTime"]
    fleet.edit_lease(lambda lease: lease["metadata"].setdefault("annotations", {}).update(note="of others"))
    stays(leader.elector.is_leader, LEASE_SECONDS + 1, "the leader leads")
    assert fleet.lease()["spec"]["acquireTime"] == before
    assert fleet.lease()["metadata"]["annotations"]["note"] == "of others"


def test_lease_of_a_lifetime_is_reported_and_not_taken_and_an_edit_ends_it(replica, namespace):
    namespace.create_lease(LEASE_NAME, {"holderIdentity": "eternal", "leaseDurationSeconds": 2**31 - 1,
                                        "acquireTime": "2026-01-01T00:00:00.000000Z",
                                        "renewTime": "2026-01-01T00:00:00.000000Z", "leaseTransitions": 1})
    replica.elector.start().wait_until_serving()
    replica.elector.wait_for_log("eternal")
    stays(lambda: not replica.elector.is_leader(), 2 * LEASE_SECONDS, "it does not lead")
    assert replica.elector.current_leader() == "eternal"
    namespace.edit_lease(LEASE_NAME, lambda lease: lease["spec"].update(leaseDurationSeconds=1))
    replica.elector.wait_until_leader()


def test_twins_of_one_name_do_not_both_lead(new_fleet, namespace):
    fleet = new_fleet(namespace=namespace, prometheus="fake", flags=lease_of(9))
    twins = [fleet.add("twin-a"), fleet.add("twin-b")]
    for twin in twins:
        twin.init()
        twin.elector.env["POD_NAME"] = "twin"
        twin.elector.start()
    for twin in twins:
        twin.elector.wait_until_serving()
    poll(lambda: any(twin.elector.is_leader() for twin in twins), 30, "one of them leads")
    stays(lambda: [twin.elector.is_leader() for twin in twins].count(True) <= 1, 10, "one of them leads")
    poll(lambda: [twin.has_queue() for twin in twins].count(True) == 1, 20, "one Prometheus writes")
    leader, other = sorted(twins, key=lambda twin: not twin.elector.is_leader())
    leader.elector.kill()
    other.elector.wait_until_leader()


def test_wrong_reload_url_is_reported_with_the_answer_and_does_not_lead(new_fleet):
    replica = new_fleet(prometheus="fake").add("prometheus-0")
    replica.elector.flags["notify-http-url"] = replica.prometheus.url + "/-/relod"
    replica.init()
    replica.elector.start().wait_until_serving()
    wait_for_report(replica, "404")
    assert not replica.has_queue()


def test_prometheus_that_is_not_there_keeps_the_member_out_of_the_election(new_fleet):
    fleet = new_fleet()
    replica = fleet.add("prometheus-0")
    replica.init()
    replica.elector.start().wait_until_serving()
    stays(lambda: not replica.elector.is_leader(), LEASE_SECONDS, "it does not lead")
    replica.elector.wait_for_problem("ready")
    replica.prometheus.start()
    replica.elector.wait_until_leader()
