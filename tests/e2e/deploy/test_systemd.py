"""deploy/systemd: units that systemd accepts, that give little away, and whose commands make a pair of Prometheus."""
import pathlib
import re
import shutil
import subprocess

import pytest
import yaml

from lib import peers
from lib.elector import Elector, arguments
from lib.etcd import Etcd
from lib.polling import poll, stays
from lib.ports import free_port
from lib.processes import Process
from lib.prometheus import Prometheus
from lib.service_manager import NotifySocket, Unit, environment_file

FOLDER = peers.ROOT / "deploy/systemd"
INIT, ELECTOR, DROP_IN = "promfleet-init.service", "promfleet-elector.service", "prometheus.service.d/promfleet.conf"
DEBIANS_UNITS = "usr/lib/systemd/system"
PROGRAMS = ["bin/sh", "usr/bin/prometheus", "usr/local/bin/promfleet", "usr/bin/etcd", "bin/kill"]
LEASE = {"lease-duration": "15s", "lease-renew-deadline": "10s", "lease-retry-period": "500ms"}
AT_ONCE_SECONDS = 8  # the lease would not have expired
EXPOSURE_MAX = {INIT: "0.5", ELECTOR: "1.2"}  # of 10


@pytest.fixture
def root(folder):
    """A host with Debian's units and ours, for tools that look at units without running them."""
    peers.debian("systemd-analyze")
    root = folder / "data/root"
    shutil.copytree(f"/{DEBIANS_UNITS}", root / DEBIANS_UNITS, symlinks=True)
    (root / "lib").symlink_to("usr/lib")
    own = root / "etc/systemd/system"
    for name in (INIT, ELECTOR, DROP_IN):
        (own / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(FOLDER / name, own / name)
    for name in PROGRAMS:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy("/bin/true", root / name)
    return root


def analyze(root, *words):
    done = subprocess.run(["systemd-analyze", f"--root={root}", "--no-pager", *words], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def verify(root):
    return analyze(root, "verify", "--recursive-errors=yes", INIT, ELECTOR, "prometheus.service")


def test_units_are_what_systemd_accepts(root):
    assert verify(root) == (0, "")


@pytest.mark.parametrize(("unit", "right", "wrong"), [
    (ELECTOR, "WatchdogSec=10s", "WatchDogSec=10s"), (INIT, "ProtectSystem=strict", "ProtectSystem=strictly"),
    (ELECTOR, "/usr/local/bin/promfleet", "/usr/local/bin/promfeet"), (DROP_IN, "ExecStart=\n", "")])
def test_mistake_in_a_unit_is_noticed(root, unit, right, wrong):
    path = root / "etc/systemd/system" / unit
    assert right in path.read_text()
    path.write_text(path.read_text().replace(right, wrong))
    status, output = verify(root)
    assert status != 0 or output, output


@pytest.mark.parametrize("unit", [INIT, ELECTOR])
def test_units_give_little_away(root, unit):
    threshold = int(float(EXPOSURE_MAX[unit]) * 10)
    status, output = analyze(root, "security", "--offline=true", f"--threshold={threshold}", unit)
    assert status == 0, output


def test_elector_stops_before_what_its_demotion_needs():
    """Units stop in the reverse of the order in which they start."""
    after = " ".join(Unit(FOLDER / ELECTOR).values("After")).split()
    assert {"prometheus.service", "etcd.service", "network-online.target"} <= set(after)


def test_timing_of_the_units_fits_the_lease():
    elector = Unit(FOLDER / ELECTOR)
    seconds = {key: int(elector.values(key)[0].removesuffix("s")) for key in ("WatchdogSec", "TimeoutStopSec")}
    assert seconds["WatchdogSec"] < 15 and seconds["TimeoutStopSec"] > 15 + 15
    flush = re.search(r"flush-deadline=(\d+)s", Unit(FOLDER / DROP_IN).command({"ARGS": ""})[-1])
    assert int(flush[1]) < 15 - 10 - 1


class Host:
    """One of the pair: the units' commands, with folders and ports of its own in place of the host's."""

    def __init__(self, name, folder, etcd):
        self.name, self.manager = name, NotifySocket()
        ports = {"9090": free_port(), "9095": free_port()}
        self._folder = folder / name
        shutil.copytree(FOLDER, self._folder / "etc")
        (self._folder / "state").mkdir()
        config = self._folder / "etc/elector.yaml"
        config.write_text(self._moved(config.read_text().replace("https://storage.example", etcd.url), ports))
        environment = {
            **environment_file(FOLDER / "elector.env"), "ETCD_ENDPOINTS": etcd.url,
            "ELECTOR_ARGS": " ".join(arguments({**LEASE, "api-listen-address": f"127.0.0.1:{ports['9095']}"})),
            "ARGS": f"--web.listen-address=127.0.0.1:{ports['9090']} --storage.tsdb.path={self._folder / 'data'}"}
        self._init, elector, prometheus = (
            [self._moved(word, ports) for word in Unit(*paths).command(environment)]
            for paths in ([FOLDER / INIT], [FOLDER / ELECTOR],
                          [pathlib.Path("/", DEBIANS_UNITS, "prometheus.service"), FOLDER / DROP_IN]))
        self.output = self._folder / "state/prometheus.yml"
        self.prometheus = Prometheus(self._folder, self.output, version="2.42", port=ports["9090"])
        self.prometheus.command = prometheus
        self.elector = Elector(self._folder, name, {})
        self.elector.url = f"http://127.0.0.1:{ports['9095']}"
        self.elector.command = elector
        self.elector.env |= {"HOST": name, "NOTIFY_SOCKET": self.manager.address}

    def _moved(self, text, ports):
        places = {"/etc/promfleet": self._folder / "etc", "/var/lib/promfleet": self._folder / "state",
                  "/usr/local/bin/promfleet": peers.promfleet(), **ports}
        return re.sub("|".join(places), lambda place: str(places[place[0]]), text)

    def start(self, processes):
        subprocess.run(self._init, check=True, timeout=20, env={"HOST": self.name})
        processes.append(self.prometheus.start())
        self.prometheus.wait_until_ready()
        processes.append(Process.start(self.elector))

    def status(self):
        """What `systemctl status` would show."""
        return self.manager.update()["STATUS"][-1]


@pytest.fixture
def pair(folder, processes):
    etcd = Etcd(folder, version="3.4").start()
    processes.append(etcd)
    hosts = [Host(name, folder, etcd) for name in ("a", "b")]
    for host in hosts:
        host.start(processes)
    yield hosts
    for host in hosts:
        host.manager.close()


def test_commands_of_the_units_make_a_pair_whose_leader_stops_in_order(pair):
    for host in pair:
        poll(lambda told=host: told.manager.update()["READY"] == ["1"], 20, "systemd hears that it is ready")
        assert yaml.safe_load(host.output.read_text())["global"]["external_labels"] == {"replica": host.name}
    leader = poll(lambda: next((host for host in pair if host.status().startswith("leads")), None), 40, "one leads")
    other, = (host for host in pair if host is not leader)
    poll(lambda: other.status().startswith(f"follows {leader.name}"), 20, "the other says whom it follows")
    poll(leader.prometheus.remote_write_queues, 20, "the leader's Prometheus writes")

    assert leader.elector.terminate() == 0, leader.elector.log()
    told = leader.manager.update()
    assert told["STOPPING"] == ["1"] and told["STATUS"][-1] == "demotes, then releases the lease"
    assert leader.prometheus.is_running() and not leader.prometheus.remote_write_queues()
    poll(lambda: other.status().startswith("leads"), AT_ONCE_SECONDS, "the other leads at once")


@pytest.fixture
def reporting(new_fleet):
    """A function that starts a member that reports to this NotifySocket."""
    def start(manager, config="follower: {}\n", **environment):
        replica = new_fleet(prometheus="fake").add("prometheus-0")
        replica.config.write_text(config)
        replica.elector.env |= {"NOTIFY_SOCKET": manager.address, **environment}
        replica.elector.start().wait_until_serving()
        return replica
    return start


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_elector_is_ready_once_it_serves_a_configuration(reporting, tmp_path, kind):
    manager = NotifySocket(tmp_path / "notify" if kind == "path" else None)
    reporting(manager)
    poll(lambda: manager.update()["READY"] == ["1"], 20, "it is ready")


def test_elector_with_a_broken_configuration_says_so_and_is_ready_when_it_is_repaired(reporting):
    manager = NotifySocket()
    replica = reporting(manager, config="follower: {}\nleeder: {}\n")
    poll(lambda: "leeder" in manager.update()["STATUS"][-1], 20, "the status tells of the mistake")
    assert "READY" not in manager.update()
    replica.config.write_text("follower: {}\n")
    poll(lambda: manager.update()["READY"] == ["1"], 20, "it is ready")


def test_sign_of_life_comes_while_the_elector_runs_and_not_while_it_hangs(reporting):
    manager = NotifySocket()
    replica = reporting(manager, WATCHDOG_USEC="500000")

    def signs():
        return len(manager.update().get("WATCHDOG", []))
    poll(lambda: signs() >= 3, 20, "signs of life")
    replica.elector.freeze()
    poll(lambda: signs() == signs(), 2, "what was on its way has come")
    before = signs()
    stays(lambda: signs() == before, 1, "no sign of life")
    replica.elector.thaw()
    poll(lambda: signs() > before, 20, "signs of life")


def test_elector_without_a_service_manager_does_not_look_for_one(new_fleet):
    replica = new_fleet(prometheus="fake").add("prometheus-0")
    replica.init()
    replica.elector.start().wait_until_serving()
    assert "service manager" not in replica.elector.log()
