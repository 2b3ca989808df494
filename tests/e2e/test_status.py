"""What people, load balancers and dashboards are told about a member."""
import subprocess

import pytest
import yaml

from lib import peers
from lib.browser import Browser
from lib.elector import LONG_LEASE
from lib.fleet import follower_section, leader_section
from lib.polling import poll

DURATION_BUCKETS = ["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"]


@pytest.fixture
def pair(new_fleet):
    """Two replicas with fake Prometheus servers and a file lease."""
    return new_fleet(prometheus="fake", flags=LONG_LEASE).start(2)


def test_leader_endpoint_answers_as_the_seeds(pair):
    leader, follower = pair.leader(), pair.followers()[0]
    assert leader.elector.get("/_elector/leader").json() == {"is_leader": True, "current_leader": leader.name}
    assert follower.elector.get("/_elector/leader").json() == {"is_leader": False, "current_leader": leader.name}


def test_load_balancers_are_told_by_the_status_code(pair):
    leader, follower = pair.leader(), pair.followers()[0]
    codes = {(replica.name, page): replica.elector.get(f"/_elector/{page}").status
             for replica in pair.replicas for page in ("is-leader", "is-follower")}
    assert codes == {(leader.name, "is-leader"): 200, (leader.name, "is-follower"): 503,
                     (follower.name, "is-leader"): 503, (follower.name, "is-follower"): 200}


def test_seeds_metrics_keep_their_names_labels_and_buckets(pair):
    leader, follower = pair.leader(), pair.followers()[0]
    assert leader.has_queue()
    for replica, value in ((leader, 1), (follower, 0)):
        metrics = replica.elector.metrics()
        assert metrics[f'prometheus_elector_election_is_leader{{member_id="{replica.name}"}}'] == value
        assert metrics["prometheus_elector_election_last_transition_time_seconds"] > 1.7e9
        assert metrics["prometheus_elector_notifier_calls_total"] >= 1
        assert metrics["prometheus_elector_notifier_calls_errors"] == 0
        buckets = [key for key in metrics if "notifier_calls_duration_seconds_bucket" in key]
        assert [key.partition('le="')[2].rstrip('"}') for key in buckets] == DURATION_BUCKETS
        assert metrics["process_resident_memory_bytes"] > 0 and metrics["process_open_fds"] > 0


def test_metrics_are_what_promtool_accepts(pair):
    promtool = peers.peer("prometheus-3.15.0", "promtool")
    text = pair.leader().elector.get("/_elector/metrics").body
    result = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, timeout=20)
    # The seed's counter has no _total, and users' dashboards read it by that name.
    complaints = [line for line in (result.stdout + result.stderr).decode().splitlines()
                  if line and "prometheus_elector_notifier_calls_errors" not in line]
    assert not complaints


@pytest.mark.parametrize("version", ["3.15", "2.42"])
def test_real_prometheus_scrapes_the_metrics(new_fleet, version):
    fleet = new_fleet(prometheus=version, flags=LONG_LEASE)
    replica = fleet.add("prometheus-0")
    follower = follower_section(replica.name, replica.prometheus.port)
    follower["scrape_configs"].append({"job_name": "elector", "metrics_path": "/_elector/metrics", "static_configs": [
        {"targets": [f"127.0.0.1:{replica.elector.port}"]}]})
    replica.write_config(follower, leader_section(replica.write_url))
    fleet.launch()
    poll(lambda: replica.prometheus.query("prometheus_elector_election_is_leader == 1"), 30, "the gauge is scraped")


def test_health_page_of_a_sound_member_is_200_in_json(pair):
    for replica in pair.replicas:
        answer = replica.elector.healthz()
        assert answer.status == 200 and answer.headers["content-type"].startswith("application/json")
        answer.json()


def test_status_tells_lease_reload_and_history_and_masks_secrets(new_fleet):
    fleet = new_fleet(prometheus="fake", flags=LONG_LEASE)
    replica = fleet.add("prometheus-0")
    leader = leader_section(replica.write_url)
    leader["remote_write"][0]["basic_auth"] = {"username": "alice", "password": "hunter2"}
    leader["remote_write"][0]["headers"] = {"X-Scope-Token": "hunter3"}
    leader["remote_write"].append({"url": "http://bob:hunter4@127.0.0.1:1/write"})
    replica.write_config(follower_section(replica.name, replica.prometheus.port), leader)
    fleet.launch()
    status, page = (replica.elector.get(path).text() for path in ("/_elector/status", "/_elector/"))
    for text in (status, page):
        assert replica.name in text and "alice" in text
        for secret in ("hunter2", "hunter3", "hunter4"):
            assert secret not in text
    assert "hunter" not in replica.elector.log()
    assert "hunter2" in replica.output.read_text()
    assert "acquired" in status


@pytest.fixture
def busy_member(new_fleet, folder):
    """A leader with something in every part of its status page, long names among it."""
    gate_config = folder / "gate.yml"
    gate_config.write_text(yaml.safe_dump([{
        "url": "http://127.0.0.1:1/api/v1/write", "name": "a-rather-long-name-of-a-receiver/of-everything",
        "path": "/a-rather-long-path" * 6}]))
    fleet = new_fleet(prometheus="fake", flags={
        **LONG_LEASE, "gate-config": gate_config, "gate-listen-address": "127.0.0.1:0"})
    replica = fleet.add("prometheus-kube-prometheus-stack-prometheus-0")
    other = fleet.add("prometheus-kube-prometheus-stack-prometheus-1")
    follower = follower_section(replica.name, replica.prometheus.port)
    leader = leader_section(replica.write_url + "/a-rather-long-path" * 6)
    replica.write_config(follower, leader)
    fleet.launch()
    if fleet.leader() is other:
        other.elector.terminate()
    replica.elector.wait_until_leader()
    poll(lambda: replica.prometheus.running_queues, 20, "the leader's Prometheus writes")
    replica.config.write_text(yaml.safe_dump({"follower": follower, "leader": leader, "oops": 1}))
    replica.elector.wait_for_problem("oops")
    return replica


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_page_fits_its_window_and_needs_nothing_from_elsewhere(busy_member, folder, width, color_scheme):
    url = busy_member.elector.url + "/_elector/"
    with Browser(folder) as browser:
        browser.open(url, width=width, color_scheme=color_scheme)
        browser.screenshot(folder / f"status-{width}-{color_scheme}.png")
        assert browser.evaluate("document.documentElement.scrollWidth") <= width
        background = browser.evaluate("getComputedStyle(document.body).backgroundColor")
        brightness = sum(int(part) for part in background.strip("rgba()").split(",")[:3])
        assert brightness < 200 if color_scheme == "dark" else brightness > 600, background
        text = browser.evaluate("document.body.innerText")
        assert busy_member.name in text and "oops" in text
        assert {requested.split("/")[2] for requested in browser.requested_urls} == {url.split("/")[2]}


def test_page_escapes_what_others_wrote(new_fleet, folder):
    replica = new_fleet(prometheus="fake").start(1).leader()
    replica.config.write_text("follower: {}\n'<img src=x onerror=document.title=1>': 1\n")
    replica.elector.wait_for_problem("onerror")
    with Browser(folder) as browser:
        browser.open(replica.elector.url + "/_elector/", width=390)
        assert "onerror" in browser.evaluate("document.body.innerText")
        assert browser.evaluate("document.images.length") == 0
