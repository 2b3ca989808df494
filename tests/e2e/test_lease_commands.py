"""What operators ask for: step-down, switchover, pause, resume, status, history; over HTTP and by `promfleet lease`."""
import subprocess
import time

import pytest
import yaml

from lib import peers
from lib.elector import LONG_LEASE, lease_of
from lib.network import Network
from lib.passwords import basic, bcrypt
from lib.polling import poll, stays


@pytest.fixture
def trio(new_fleet, namespace):
    """Three members whose lease does not expire while the test lasts: what they hand over, they hand over at once."""
    return new_fleet(namespace=namespace, prometheus="fake", flags=LONG_LEASE).start(3)


@pytest.fixture
def brief_trio(new_fleet, namespace):
    """Three members whose lease expires after 6 s."""
    return new_fleet(namespace=namespace, prometheus="fake", flags=lease_of(6)).start(3)


@pytest.fixture
def network(folder, processes):
    processes.append(Network(folder, "192.0.2.10"))
    return processes[-1].start()


def lease_command(replica, *words):
    """`promfleet lease WORDS` for this member."""
    command = [peers.promfleet(), "lease", words[0], f"-address={replica.elector.url}", *words[1:]]
    return subprocess.run(command, capture_output=True, text=True, timeout=20)


def ask_over_http(replica, what):
    return replica.elector.post(f"/_elector/{what}").status == 200


def ask_by_command(replica, what):
    return lease_command(replica, what).returncode == 0


WAYS = pytest.mark.parametrize("ask", [ask_over_http, ask_by_command])


@WAYS
def test_leader_asked_to_step_down_demotes_and_stands_back_while_another_leads(trio, ask):
    old = trio.leader()
    assert old.has_queue()
    assert ask(old, "step-down")
    new = poll(lambda: (leader := trio.leader()) is not old and leader, 20, "another leads")
    assert not old.has_queue()
    stays(lambda: trio.leader() is new, 3, "the new leader leads")


def test_only_member_that_steps_down_leads_again_after_one_lease_duration(new_fleet, namespace):
    only = new_fleet(namespace=namespace, prometheus="fake", flags=lease_of(6)).start(1).leader()
    asked_at = time.monotonic()
    assert ask_over_http(only, "step-down")
    poll(lambda: not only.elector.is_leader(), 20, "it does not lead")
    only.elector.wait_until_leader()
    assert 6 <= time.monotonic() - asked_at, "it has not stood back"


@pytest.mark.parametrize(("words", "path"), [(["step-down"], "step-down"),
                                             (["switchover", "--to", "prometheus-0"], "switchover?to=prometheus-0")])
def test_follower_refuses_what_only_the_leader_can_do(trio, words, path):
    leader, follower = trio.leader(), trio.followers()[0]
    assert follower.elector.post(f"/_elector/{path}").status == 409
    result = lease_command(follower, *words)
    assert result.returncode == 1 and f"{follower.name} does not lead" in result.stderr
    stays(lambda: trio.leader() is leader, 1.5, "the leader leads")


def test_switchover_hands_the_lease_to_the_member_named(trio):
    for target in trio.followers():
        old = trio.leader()
        result = lease_command(old, "switchover", "--to", target.name)
        assert result.returncode == 0, result.stderr
        target.elector.wait_until_leader()
        assert not old.has_queue()


def test_switchover_to_a_member_that_is_gone_ends_with_another_leader(brief_trio):
    leader, (gone, other) = brief_trio.leader(), brief_trio.followers()
    term = brief_trio.lease()["spec"]["acquireTime"]
    gone.elector.kill()
    lease_command(leader, "switchover", "--to", gone.name)
    poll(lambda: brief_trio.leader(besides=[gone]) in (leader, other) and
         brief_trio.lease()["spec"]["acquireTime"] != term, 40, "somebody leads anew")


@WAYS
def test_paused_follower_does_not_take_over_until_it_is_resumed(brief_trio, ask):
    leader, (paused, other) = brief_trio.leader(), brief_trio.followers()
    for follower in (paused, other):
        assert ask(follower, "pause")
    leader.elector.kill()
    stays(lambda: not paused.elector.is_leader() and not other.elector.is_leader(), 9, "nobody leads")
    assert ask(paused, "resume")
    paused.elector.wait_until_leader()
    assert not other.elector.is_leader()


def test_paused_leader_goes_on_leading(brief_trio):
    leader, before = brief_trio.leader(), brief_trio.lease()["spec"]["acquireTime"]
    assert ask_over_http(leader, "pause")
    stays(leader.elector.is_leader, 9, "it leads")
    assert brief_trio.lease()["spec"]["acquireTime"] == before


def test_status_and_history_tell_who_led_since_when_and_why(trio):
    old = trio.leader()
    ask_over_http(old, "step-down")
    new = poll(lambda: (leader := trio.leader()) is not old and leader, 20, "another leads")
    status, history = lease_command(new, "status"), lease_command(old, "history")
    assert status.returncode == history.returncode == 0
    assert new.name in status.stdout
    lines = history.stdout.splitlines()
    assert any(old.name in line and "acquired" in line for line in lines)
    assert any("stepped_down" in line for line in lines) and any(new.name in line for line in lines)


def test_command_for_a_member_that_is_not_there_fails_with_its_address(trio):
    follower = trio.followers()[0]
    follower.elector.kill()
    result = lease_command(follower, "status")
    assert result.returncode == 1 and str(follower.elector.port) in result.stderr


def listen_inside(network, replica):
    """The elector is to be reached from within that network alone; the URL there."""
    replica.elector.flags["api-listen-address"] = f":{replica.elector.port}"
    return f"http://{network.address}:{replica.elector.port}"


def test_commands_from_elsewhere_are_refused_without_authentication(new_fleet, network):
    replica = new_fleet(prometheus="fake").add("prometheus-0", wrapper=network.inside())
    url = listen_inside(network, replica)
    replica.init()
    replica.elector.start()
    poll(lambda: network.ask("GET", url + "/_elector/leader").status == 200, 20, "questions are answered")
    for command in ("step-down", "switchover?to=x", "pause", "resume"):
        assert network.ask("POST", f"{url}/_elector/{command}").status == 403
    assert network.ask("POST", url.replace(network.address, "127.0.0.1") + "/_elector/pause").status == 200


def test_commands_from_elsewhere_are_for_those_whom_the_web_configuration_lets_in(new_fleet, network, folder):
    web_config, password_file = folder / "web.yml", folder / "password"
    web_config.write_text(yaml.safe_dump({"basic_auth_users": {"alice": bcrypt("wonderland")}}))
    fleet, urls = new_fleet(flags={**LONG_LEASE, "web.config.file": web_config}), {}
    for number in range(2):
        replica = fleet.add(f"prometheus-{number}", wrapper=network.inside())
        urls[replica.name] = listen_inside(network, replica)
        replica.prometheus.command[:0] = network.inside()
        replica.init()
        replica.prometheus.start()
        replica.elector.start()

    def status(name):
        return network.ask("GET", urls[name] + "/_elector/status", basic("alice", "wonderland")).json()

    def leader():
        return next((name for name in urls if status(name)["role"] == "leader"), None)

    def command(name, *words, password="wonderland"):
        password_file.write_text(password)
        return network.run(peers.promfleet(), "lease", words[0], f"-address={urls[name]}", "-user=alice",
                           f"-password-file={password_file}", *words[1:])
    old = poll(leader, 30, "one leads")
    new, = set(urls) - {old}
    assert network.ask("POST", urls[old] + "/_elector/pause").status == 401
    assert command(old, "pause", password="wrong").returncode == 1 and not status(old)["paused"]
    assert command(old, "pause").returncode == 0 and status(old)["paused"]
    assert command(old, "resume").returncode == 0 and not status(old)["paused"]
    assert command(old, "switchover", "--to", new).returncode == 0
    poll(lambda: leader() == new, 30, "the other leads")
    assert command(new, "step-down").returncode == 0
    poll(lambda: leader() == old, 30, "the first leads again")
