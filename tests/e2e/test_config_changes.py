"""Configuration files that change under a running elector, in every way files change, well and badly."""
import re
import time

import pytest
import yaml

from lib import isolation
from lib.elector import LONG_LEASE, lease_of
from lib.fleet import follower_section, leader_section
from lib.polling import poll, stays
from lib.volume import Volume

# A change is seen in less: without a watch, files are looked at each 10 s.
WATCHED_SECONDS = 9


@pytest.fixture
def pair(new_fleet):
    """Two replicas with a real Prometheus each and a file lease."""
    return new_fleet(flags=LONG_LEASE).start(2)


@pytest.fixture
def fake_leader(new_fleet):
    """A leader with a fake Prometheus."""
    return new_fleet(prometheus="fake", flags=LONG_LEASE).start(1).leader()


def both_sections(replica, job="self"):
    follower = follower_section(replica.name, replica.prometheus.port)
    follower["scrape_configs"][0]["job_name"] = job
    return yaml.safe_dump({"follower": follower, "leader": leader_section(replica.write_url)})


def wait_until_loaded(replica, text, deadline_seconds=WATCHED_SECONDS):
    poll(lambda: text in replica.prometheus.loaded_config(), deadline_seconds,
         f"{replica.name}'s Prometheus has loaded {text!r}")


def write_in_place(path, text):
    path.write_text(text)


def rename_over(path, text):
    fresh = path.with_suffix(".tmp")
    fresh.write_text(text)
    fresh.rename(path)


def remove_then_create(path, text):
    path.unlink()
    path.write_text(text)


@pytest.mark.parametrize("write", [write_in_place, rename_over, remove_then_create])
def test_changed_file_reaches_prometheus_on_both_roles(pair, write):
    for replica in pair.replicas:
        write(replica.config, both_sections(replica, job="changed"))
    for replica in pair.replicas:
        wait_until_loaded(replica, "job_name: changed")
    poll(pair.leader().has_queue, 20, "the leader's Prometheus writes")
    assert not pair.followers()[0].has_queue()


def test_config_map_swap_reaches_prometheus_on_both_roles(new_fleet):
    fleet = new_fleet(flags=LONG_LEASE)
    volumes = {}
    for name in ("prometheus-0", "prometheus-1"):
        volume_path = fleet.folder / f"{name}-config-map"
        replica = fleet.add(name, config=volume_path / "config.yaml")
        volumes[name] = Volume(volume_path, {"config.yaml": both_sections(replica)})
    fleet.launch()
    for replica in fleet.replicas:
        volumes[replica.name].update({"config.yaml": both_sections(replica, job="swapped")})
    for replica in fleet.replicas:
        wait_until_loaded(replica, "job_name: swapped")


def test_secret_swap_of_the_leader_file_and_a_rename_of_the_operators_file_reach_prometheus(new_fleet):
    fleet = new_fleet(flags=LONG_LEASE)
    secrets = {}
    for name in ("prometheus-0", "prometheus-1"):
        secret_path = fleet.folder / f"{name}-secret"
        replica = fleet.add(name, flags={"leader-config": secret_path / "leader.yaml"})
        replica.config.write_text(yaml.safe_dump(follower_section(name, replica.prometheus.port)))
        secrets[name] = Volume(secret_path, {"leader.yaml": yaml.safe_dump(leader_section(replica.write_url))})
    fleet.launch()
    leader, follower = fleet.leader(), fleet.followers()[0]
    for replica in fleet.replicas:
        section = leader_section(replica.write_url)
        section["remote_write"][0]["remote_timeout"] = "17s"
        secrets[replica.name].update({"leader.yaml": yaml.safe_dump(section)})
    wait_until_loaded(leader, "remote_timeout: 17s")
    assert "remote_write" not in follower.prometheus.loaded_config()
    for replica in fleet.replicas:
        generated = follower_section(replica.name, replica.prometheus.port)
        generated["scrape_configs"][0]["job_name"] = "generated"
        rename_over(replica.config, yaml.safe_dump(generated))
    for replica in fleet.replicas:
        wait_until_loaded(replica, "job_name: generated")
    poll(leader.has_queue, 20, "the leader's Prometheus writes")
    assert not follower.has_queue()


def test_unchanged_content_is_not_reloaded(pair):
    replica = pair.followers()[0]
    reloads = replica.prometheus.reloads()
    assert reloads > 0, "the first one is not counted"
    rename_over(replica.config, replica.config.read_text())
    stays(lambda: replica.prometheus.reloads() == reloads, 1.5, "no further reload")
    rename_over(replica.config, both_sections(replica, job="changed"))
    wait_until_loaded(replica, "job_name: changed")
    poll(lambda: replica.prometheus.reloads() == reloads + 1, 20, "what has changed is reloaded once")


def test_changed_rules_folder_reloads_prometheus(new_fleet):
    fleet = new_fleet(flags=LONG_LEASE)
    rules = fleet.folder / "rules"
    rules.mkdir(parents=True)
    replica = fleet.add("prometheus-0", flags={"watch-dir": [rules]})
    fleet.launch()
    reloads = replica.prometheus.reloads()

    def change(text):  # in one step
        fresh = fleet.folder / "fresh.yaml"
        fresh.write_text(text)
        fresh.rename(rules / "a.yaml")

    change("groups: []\n")
    poll(lambda: replica.prometheus.reloads() == reloads + 1, WATCHED_SECONDS, "Prometheus is reloaded")
    change("groups: [] # changed\n")
    poll(lambda: replica.prometheus.reloads() == reloads + 2, WATCHED_SECONDS, "Prometheus is reloaded again")


def test_environment_variables_are_substituted_on_request(new_fleet):
    fleet = new_fleet(prometheus="fake", flags=LONG_LEASE)
    replica = fleet.add("prometheus-0", flags={"config-envsubst": True}, env={"SHARD": "7"})
    follower = follower_section(replica.name, replica.prometheus.port)
    follower["global"]["external_labels"]["shard"] = "$(SHARD)"
    replica.write_config(follower, leader_section(replica.write_url))
    replica.output.write_text("")
    replica.elector.start().wait_until_serving()
    replica.elector.wait_until_leader()
    assert yaml.safe_load(replica.output.read_text())["global"]["external_labels"]["shard"] == 7


def test_output_changed_by_someone_else_is_reported_and_restored(fake_leader):
    ours, told = fake_leader.output.read_bytes(), f"someone else changed .*{fake_leader.output}"
    assert not re.search(told, fake_leader.elector.log())
    fake_leader.output.write_text("global: {}\n")
    poll(lambda: re.search(told, fake_leader.elector.log()), WATCHED_SECONDS, "the log names the output file")
    poll(lambda: fake_leader.output.read_bytes() == ours, 20, "the output is ours again")


# Each with a word that the report must have, beside the file's name.
BROKEN = {
    "broken syntax": (b"follower:\n  global: {a: [}\n", "line 2"),
    "unknown top-level key": (b"follower: {}\nfollwer: {}\n", "follwer"),
    "duplicate key": (b"follower:\n  global: {}\n  global: {}\n", "global"),
    "no follower": (b"leader: {}\n", "follower"),
    "empty": (b"", "follower"),
    "half-written": (b'follower: {global: {scrape_interval: "1', "line 1"),
    "binary": (bytes(range(256)) * 64, ""),
    "huge": (b"follower: {}\n" + b"# padding\n" * 1_800_000, "16"),
    "too deep": (b"follower: {a: " + b"[" * 300 + b"]" * 300 + b"}\n", "200"),
    "alias bomb": (b"follower:\n  a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + b"".join(
        b"  a%d: &a%d [%s]\n" % (i, i, b", ".join([b"*a%d" % (i - 1)] * 9)) for i in range(1, 12)), "alias"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_file_is_reported_keeps_the_good_output_and_heals(fake_leader, kind):
    (content, word), replica = BROKEN[kind], fake_leader
    good, output = replica.config.read_bytes(), replica.output.read_bytes()
    replica.config.write_bytes(content)
    poll(lambda: word in (told := replica.elector.problems("config.yaml")) and told, WATCHED_SECONDS,
         f"healthz tells of config.yaml and {word!r}")
    for logged in (word, "config.yaml"):
        replica.elector.wait_for_log(logged)
    assert replica.elector.healthz().status == 200 and replica.elector.is_leader()
    assert replica.output.read_bytes() == output
    replica.config.write_bytes(good.replace(b"job_name: self", b"job_name: repaired"))
    poll(lambda: b"job_name: repaired" in replica.output.read_bytes(), WATCHED_SECONDS, "the repaired file is used")
    poll(lambda: not replica.elector.problems("config.yaml"), WATCHED_SECONDS, "healthz is content again")


@pytest.mark.parametrize("kind", ["removed", "a folder", "a dangling link"])
def test_unreadable_file_is_reported_keeps_the_good_output_and_heals(fake_leader, kind):
    replica = fake_leader
    good, output = replica.config.read_bytes(), replica.output.read_bytes()
    replica.config.unlink()
    if kind == "a folder":
        replica.config.mkdir()
    elif kind == "a dangling link":
        replica.config.symlink_to("nowhere")
    replica.elector.wait_for_problem("config.yaml")
    assert replica.elector.healthz().status == 200 and replica.elector.is_leader()
    assert replica.output.read_bytes() == output
    if kind == "a folder":
        replica.config.rmdir()
    elif kind == "a dangling link":
        replica.config.unlink()
    replica.config.write_bytes(good)
    poll(lambda: not replica.elector.problems("config.yaml"), WATCHED_SECONDS, "healthz is content again")


def test_follower_whose_file_broke_leads_with_the_last_good_one(new_fleet):
    fleet = new_fleet(prometheus="fake", flags=LONG_LEASE).start(2)
    leader, follower = fleet.leader(), fleet.followers()[0]
    follower.config.write_bytes(b"follower: [\n")
    follower.elector.wait_for_problem("config.yaml")
    assert leader.elector.terminate() == 0
    follower.elector.wait_until_leader()
    poll(follower.has_queue, 20, "the new leader's Prometheus writes")


def test_configuration_that_prometheus_rejects_is_reported_in_its_own_words_and_heals(pair):
    replica = pair.followers()[0]
    good = replica.config.read_text()
    replica.config.write_text(good.replace("follower:", "follower:\n  scrape_configz: []", 1))
    poll(lambda: "field scrape_configz not found" in replica.elector.get("/_elector/status").text(), 20,
         "the status has Prometheus' words")
    replica.elector.wait_for_log("field scrape_configz not found")
    replica.config.write_text(good.replace("job_name: self", "job_name: repaired"))
    wait_until_loaded(replica, "job_name: repaired")


def test_leader_whose_configuration_does_not_load_yields_to_one_that_loads(new_fleet):
    fleet = new_fleet(flags=lease_of(6)).start(2)
    old, other = fleet.leader(), fleet.followers()[0]
    good = old.config.read_text()
    old.config.write_text(good.replace("send: false", "sand: false"))
    other.elector.wait_until_leader()
    poll(other.has_queue, 20, "the other's Prometheus writes")
    assert not old.has_queue()
    old.config.write_text(good)
    old.elector.wait_until_follower_of(other.name)
    other.elector.terminate()
    old.elector.wait_until_leader()


def test_demotion_that_is_half_applied_is_not_a_demotion(new_fleet):
    fleet = new_fleet(prometheus="fake", flags=LONG_LEASE).start(2)
    old, new = fleet.leader(), fleet.followers()[0]
    old.prometheus.reload_answers = [(500, "reloading failed", False)] * 2
    old.elector.terminate()
    assert not old.has_queue()
    assert [reload.status for reload in old.prometheus.reloads][-3:] == [500, 500, 200]
    new.elector.wait_until_leader()


def test_demotion_counts_when_the_reload_failed_but_the_leaders_queues_are_gone(new_fleet):
    fleet = new_fleet(prometheus="fake", flags=LONG_LEASE).start(2)
    old, new = fleet.leader(), fleet.followers()[0]
    old.prometheus.reload_answers = [(500, "a rule file is broken", True)] * 100
    terminated_at = time.monotonic()
    old.elector.terminate()
    new.elector.wait_until_leader()
    assert time.monotonic() - terminated_at < 20, "the lease was waited out"


@pytest.fixture
def guarded_replica(new_fleet, private_mounts):
    """A leader whose output folder is its own and may be mounted over; the function mounts, then starts."""
    def start(mount):
        fleet = new_fleet(prometheus="fake", flags=LONG_LEASE)
        folder = fleet.folder / "output"
        folder.mkdir(parents=True)
        mounted = mount(folder)
        fleet.add("prometheus-0", output=folder / "prometheus.yml")
        return fleet.launch().leader(), mounted
    return start


def test_read_only_output_folder_keeps_the_old_file_is_reported_and_heals(guarded_replica):
    replica, set_read_only = guarded_replica(isolation.read_only)
    output = replica.output.read_bytes()
    set_read_only(True)
    replica.config.write_text(replica.config.read_text().replace("job_name: self", "job_name: changed"))
    replica.elector.wait_for_problem("prometheus.yml")
    assert replica.output.read_bytes() == output
    set_read_only(False)
    poll(lambda: b"job_name: changed" in replica.output.read_bytes(), 30, "the change is written")


def test_full_output_folder_keeps_the_old_file_is_reported_and_heals(guarded_replica):
    replica, _ = guarded_replica(lambda folder: isolation.small(folder, size_bytes=64 * 1024))
    output, filler = replica.output.read_bytes(), replica.output.parent / "filler"
    with open(filler, "wb", buffering=0) as file, pytest.raises(OSError):
        while True:
            file.write(b"x" * 4096)
    replica.config.write_text(replica.config.read_text().replace("job_name: self", "job_name: changed"))
    replica.elector.wait_for_problem("prometheus.yml")
    assert replica.output.read_bytes() == output
    filler.unlink()
    poll(lambda: b"job_name: changed" in replica.output.read_bytes(), 30, "the change is written")


def test_full_disk_costs_neither_the_lead_nor_the_demotion(new_fleet, private_mounts):
    fleet = new_fleet(prometheus="fake", flags=lease_of(6))
    for name in ("prometheus-0", "prometheus-1"):
        folder = fleet.folder / f"{name}-output"
        folder.mkdir(parents=True)
        isolation.small(folder, size_bytes=64 * 1024)
        fleet.add(name, output=folder / "prometheus.yml")
    leader = fleet.launch().leader()
    other = fleet.followers()[0]
    with open(leader.output.parent / "filler", "wb", buffering=0) as file, pytest.raises(OSError):
        while True:
            file.write(b"x" * 4096)
    leader.write_config({**follower_section(leader.name, leader.prometheus.port), "rule_files": ["x" * 20_000]},
                        leader_section(leader.write_url))
    leader.elector.wait_for_problem("No space left")
    stays(lambda: leader.elector.is_leader() and leader.has_queue(), 8, "it leads with the older configuration")
    assert leader.elector.terminate() == 0
    other.elector.wait_until_leader()
    assert not leader.has_queue()
