"""The twelve faults that the Go elector has, each checked to be absent here, by its number."""
import threading

import pytest
import yaml

from lib import web
from lib.elector import LONG_LEASE, lease_of, proxy_flags
from lib.fleet import follower_section, leader_section
from lib.polling import poll, stays

GO_DEFAULTS = {"lease-duration": None, "lease-renew-deadline": None, "lease-retry-period": None}


def test_fault_01_sidecar_restart_reloads_the_follower_configuration(fleet, sink):
    old = fleet.leader()
    sink.wait_for_sole_writer(old.name)
    old.elector.kill()
    new = poll(lambda: fleet.leader(besides=[old]), 30, "another member leads")
    assert old.has_queue(), "nobody told the old leader's Prometheus yet"
    old.elector.start().wait_until_serving()
    poll(lambda: not old.has_queue(), 20, "the old leader's Prometheus stops writing")
    sink.wait_for_sole_writer(new.name)


def test_fault_02_sigterm_demotes_and_only_then_releases(new_fleet, namespace):
    fleet = new_fleet(namespace=namespace, prometheus="fake", flags=LONG_LEASE).start()
    old = fleet.leader()
    assert old.has_queue()
    old.prometheus.reload_delay_seconds = 3  # what is released before is seen to be
    old.elector.signal(15)
    poll(lambda: fleet.lease()["spec"].get("holderIdentity") != old.name, 30, "the Lease is released")
    assert not old.has_queue()
    assert old.elector.wait() == 0
    assert "remote_write" not in old.prometheus.loaded_config()


def test_fault_03_with_the_default_times_demotion_is_over_before_the_successor_leads(new_fleet, namespace):
    fleet = new_fleet(namespace=namespace, prometheus="fake", flags=GO_DEFAULTS).start(2, deadline_seconds=40)
    old, new = fleet.leader(), fleet.followers()[0]
    assert old.has_queue()
    old.store.black_hole()
    poll(lambda: not old.has_queue(), 20, "the old leader is demoted")
    assert not new.elector.is_leader()
    new.elector.wait_until_leader()


def test_fault_04_failed_reload_is_tried_again_until_prometheus_confirms(new_fleet):
    replica = new_fleet(prometheus="fake", flags=LONG_LEASE).add("prometheus-0", flags={"notify-retry-delay": "100ms"})
    replica.init()
    replica.prometheus.reload_answers = [(500, "not now", False)] * 3
    replica.elector.start().wait_until_serving()
    replica.elector.wait_until_leader()
    poll(replica.has_queue, 20, "Prometheus has the leader's configuration")


def test_fault_04_late_reload_is_awaited_and_not_sent_again(new_fleet):
    flags = {**LONG_LEASE, "notify-timeout": "300ms", "notify-retry-delay": "100ms"}
    replica = new_fleet(prometheus="fake", flags=flags).start(1).leader()
    reloads = len(replica.prometheus.reloads)
    replica.prometheus.reload_delay_seconds = 1.5
    replica.config.write_text(replica.config.read_text().replace("job_name: self", "job_name: slow"))
    poll(lambda: "job_name: slow" in replica.prometheus.loaded_config(), 20, "the reload is over")
    stays(lambda: len(replica.prometheus.reloads) == reloads + 1, 2, "one reload was sent")
    assert replica.elector.is_leader()


def test_fault_05_delay_between_attempts_ends_when_it_is_no_longer_wanted(new_fleet):
    replica = new_fleet(prometheus="fake", flags={**LONG_LEASE, "notify-retry-delay": "60s"}).start(1).leader()
    replica.prometheus.reload_answers = [(500, "not now", False)]
    reloads = len(replica.prometheus.reloads)
    replica.config.write_text(replica.config.read_text().replace("job_name: self", "job_name: changed"))
    poll(lambda: not replica.prometheus.reload_answers, 20, "the reload has failed")
    assert replica.elector.terminate(deadline_seconds=30) == 0
    assert not replica.has_queue()


def test_fault_06_is_leader_is_false_as_soon_as_authority_is_lost(new_fleet, namespace):
    old = new_fleet(namespace=namespace, prometheus="fake", flags=lease_of(9)).start().leader()
    gauge = f'prometheus_elector_election_is_leader{{member_id="{old.name}"}}'
    assert old.elector.metrics()[gauge] == 1
    old.store.black_hole()
    poll(lambda: not old.elector.is_leader(), 9, "the leader knows that it is none")
    assert old.elector.metrics()[gauge] == 0


def test_fault_07_reader_of_the_output_never_sees_half_a_file(new_fleet):
    replica = new_fleet(prometheus="fake", flags=LONG_LEASE).start(1).leader()
    follower = follower_section(replica.name, replica.prometheus.port)
    follower["scrape_configs"] += [{"job_name": f"job-{number}"} for number in range(2000)]
    done = threading.Event()

    def change():
        for generation in range(20):
            follower["global"]["external_labels"]["generation"] = f"g{generation}."
            fresh = replica.config.with_suffix(".tmp")
            fresh.write_text(yaml.safe_dump({"follower": follower, "leader": leader_section(replica.write_url)}))
            fresh.rename(replica.config)
            poll(lambda mark=f"g{generation}.": mark in replica.output.read_text(), 20, "the change is written")
        done.set()

    changer = threading.Thread(target=change)
    changer.start()
    lengths = set()
    while changer.is_alive():
        lengths.add(len(replica.output.read_bytes()))
    changer.join()
    assert done.is_set() and len(lengths) <= 3, lengths  # before the first change, g0. to g9., g10. to g19.


SCALARS = ("0123", "yes", "1.10", "1e3", "0x1F", "'0123'", '"on"', "~", "2026-01-01", "!!str 5", "1_000", "12:30:45",
           "'it''s'", '"\\u00e9\\n"', ".5", "0o17", "null", "''", "NO", "+12")


def test_fault_08_values_reach_prometheus_as_they_were_written(new_fleet):
    fleet = new_fleet(prometheus="fake", flags=LONG_LEASE)
    replica = fleet.add("prometheus-0")
    labels = "".join(f"      label{number}: {scalar}\n" for number, scalar in enumerate(SCALARS))
    block = "      block: |\n        two\n        lines\n"
    replica.config.write_text(f"follower:\n  global:\n    external_labels:\n{labels}{block}"
                              "leader:\n  global:\n    external_labels:\n      added: 0123\n")
    fleet.launch()
    poll(lambda: "added: 0123" in replica.output.read_text(), 20, "the leader's file is written")

    def scalars(text):
        return {event.value: (event.tag, event.style, event.implicit) for event in yaml.parse(text)
                if isinstance(event, yaml.ScalarEvent)}
    written, read = scalars(replica.config.read_text()), scalars(replica.output.read_text())
    assert read == {value: written[value] for value in read}
    assert set(written) - set(read) == {"follower", "leader"}


def test_fault_09_failed_reconcile_is_repeated_without_another_event(new_fleet):
    fleet = new_fleet(prometheus="fake", flags={
        **LONG_LEASE, "notify-retry-max-attempts": "2", "notify-retry-delay": "100ms"})
    leader, follower = fleet.start(2).leader(), fleet.followers()[0]
    follower.prometheus.reload_answers = [(500, "not now", False)] * 5
    follower.config.write_text(follower.config.read_text().replace("job_name: self", "job_name: changed"))
    poll(lambda: not follower.prometheus.reload_answers and
         "job_name: changed" in follower.prometheus.loaded_config(), 40, "Prometheus confirms")
    assert leader.elector.is_leader()


def test_fault_09_change_between_start_and_watch_is_not_missed(new_fleet):
    replica = new_fleet(prometheus="fake").add("prometheus-0")
    replica.init()
    replica.prometheus.is_ready = False
    replica.elector.start().wait_until_serving()
    replica.config.write_text(replica.config.read_text().replace("job_name: self", "job_name: changed"))
    replica.prometheus.is_ready = True
    replica.elector.wait_until_leader()
    poll(lambda: "job_name: changed" in replica.prometheus.loaded_config(), 20, "the change is loaded")


def test_fault_10_empty_leader_file_is_no_crash_and_a_later_one_is_seen(new_fleet):
    fleet = new_fleet(prometheus="fake", flags=LONG_LEASE)
    leader_file = fleet.folder / "leader.yaml"
    replica = fleet.add("prometheus-0", flags={"leader-config": leader_file})
    replica.config.write_text(yaml.safe_dump(follower_section(replica.name, replica.prometheus.port)))
    leader_file.write_text("")
    fleet.launch()
    leader_file.unlink()
    replica.elector.wait_for_problem("leader.yaml")
    assert replica.elector.is_leader()
    leader_file.write_text(yaml.safe_dump(leader_section(replica.write_url)))
    poll(replica.has_queue, 20, "Prometheus has what the leader adds")
    poll(lambda: not replica.elector.problems("leader.yaml"), 20, "healthz is content again")


def test_fault_11_proxy_without_a_leader_answers_503_and_keeps_administration_to_itself(new_fleet, upstream):
    flags = {**LONG_LEASE, **proxy_flags(upstream.port), "api-proxy-failover-wait": "100ms"}
    replica = new_fleet(prometheus="fake", flags=flags).add("prometheus-0")
    replica.init()
    replica.prometheus.is_ready = False
    replica.elector.start().wait_until_serving()
    answer = replica.elector.get("/api/v1/query?query=up")
    assert answer.status == 503 and int(answer.headers["retry-after"]) >= 1
    replica.prometheus.is_ready = True
    replica.elector.wait_until_leader()
    assert replica.elector.get("/api/v1/query?query=up").status == 200
    for path in ("/-/quit", "/-/reload"):
        assert replica.elector.post(path).status == 403
    assert upstream.paths() == ["/api/v1/query?query=up"]


def test_fault_11_proxy_keeps_its_connections(new_fleet, upstream):
    replica = new_fleet(prometheus="fake", flags={**LONG_LEASE, **proxy_flags(upstream.port)}).start(1).leader()
    clients = [web.connect(replica.elector.url) for _ in range(8)]
    for _ in range(5):
        for client in clients:
            client.request("GET", "/")
        for client in clients:
            assert client.getresponse().read() == b"hello\n"
    assert upstream.connections <= 8


def test_fault_12_probes_and_reloads_leave_no_connection_open(new_fleet):
    replica = new_fleet(prometheus="fake", flags={**LONG_LEASE, "healthcheck-period": "20ms"}).start(1).leader()

    def probes():
        return replica.prometheus.requests.count(("GET", "/-/healthy"))
    poll(lambda: probes() > 20, 20, "probes")
    before = replica.elector.open_files()
    poll(lambda: probes() > 220, 60, "200 more probes")
    poll(lambda: replica.elector.open_files() <= before + 2, 20, "no more is open than before")
