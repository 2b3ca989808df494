"""docs/systemd.md on a host that systemd has booted: a member, installed as the page says, hardened, watched, stopped."""
import re
import signal

import pytest

from lib import peers
from lib.elector import arguments
from lib.polling import poll
from lib.systemd_host import CHECKOUT, QUIET, UNITS, SystemdHost

PAGE = peers.ROOT / "docs/systemd.md"
INIT, ELECTOR = "promfleet-init.service", "promfleet-elector.service"
# Longer than it takes to notice that the elector hangs.
QUICK = {"lease-duration": "15s", "lease-renew-deadline": "8s", "lease-retry-period": "1s",
         "readiness-poll-period": "200ms"}


def commands():
    """The page's blocks: to install, and to start."""
    install, start = re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return install, start


def run(host, script):
    done = host.run("bash", "-euxc", f"cd {CHECKOUT}\n{script}")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def installed(folder):
    """A host with etcd and our units, installed and not started."""
    for program in ("prometheus", "etcd"):
        peers.debian(program)
    peers.release_build()
    host = SystemdHost(folder, "host-a")
    host.add(f"{UNITS}/{ELECTOR}.d/quick.conf", "[Service]\nWatchdogSec=5s\n")
    try:
        host.start("etcd.service")
        install, _ = commands()
        run(host, install)
        run(host, f"sed -i 's/^ELECTOR_ARGS=/&{' '.join(arguments(QUICK))}/' /etc/promfleet/elector.env")
        yield host
    finally:
        host.stop()


@pytest.fixture
def host(installed):
    """The same, once its member leads."""
    _, start = commands()
    run(installed, start)
    poll(lambda: status(installed) == "leads", 60, "the member leads")
    return installed


def status(host):
    return host.show(ELECTOR, "StatusText")


def said(host, unit, text):
    """The places in the journal at which the unit says so."""
    return [place for place, entry in enumerate(host.journal()) if entry[0] == unit and text in entry[1]]


def test_elector_works_with_all_that_the_unit_takes_away(host):
    pid = host.show(ELECTOR, "MainPID")
    fields = dict(line.split(":", 1) for line in host.run("cat", f"/proc/{pid}/status").stdout.splitlines())
    assert fields["CapEff"].strip() == "0" * 16 and fields["NoNewPrivs"].strip() == "1"
    assert fields["Seccomp"].strip() == "2"
    output = "/var/lib/promfleet/prometheus.yml"
    assert host.run("stat", "--format=%U %a", output).stdout.strip() == "prometheus 600"
    assert "replica: host-a" in host.run("cat", output).stdout
    for unit in (INIT, ELECTOR, "prometheus.service"):
        assert host.show(unit, "ActiveState") == "active"
    assert not said(host, ELECTOR, "level=error")


def test_configuration_that_is_broken_at_boot_heals_once_it_is_repaired(installed):
    """systemd starts the units by itself then, as for multi-user.target."""
    config = "/etc/promfleet/elector.yaml"
    run(installed, f"mv {config} {config}.whole; echo 'follower: [' >{config}; chmod 644 {config}\n"
                   f"systemctl daemon-reload; systemctl start --no-block prometheus {ELECTOR}")
    poll(lambda: said(installed, INIT, config), 30, "the init unit says what is wrong")
    for unit in ("prometheus.service", ELECTOR):
        assert installed.show(unit, "ActiveState") == "inactive"
    run(installed, f"mv {config}.whole {config}")
    poll(lambda: status(installed) == "leads", 60, "the member leads")
    assert installed.show("prometheus.service", "ActiveState") == "active"


def test_elector_that_hangs_is_killed_and_goes_on_with_its_term(host):
    before = host.show(ELECTOR, "MainPID")
    host.run("systemctl", "kill", f"--signal={signal.SIGSTOP.name}", ELECTOR)
    poll(lambda: host.show(ELECTOR, "MainPID") not in (before, "0"), 40, "systemd has started another")
    poll(lambda: status(host) == "leads", 40, "it leads")
    assert host.show(ELECTOR, "NRestarts") == "1"
    poll(lambda: said(host, ELECTOR, "reason=resumed"), 20, "it is the same term")


def test_elector_gives_the_lease_back_before_anything_that_it_needs_for_that_is_stopped(host):
    assert host.run("systemctl", "isolate", QUIET).returncode == 0
    needed = ["prometheus.service", "etcd.service"]
    poll(lambda: all(host.show(unit, "ActiveState") == "inactive" for unit in needed), 60, "everything has stopped")
    released, = poll(lambda: said(host, ELECTOR, "reason=released"), 20, "it has given the lease back")
    demoted = said(host, ELECTOR, 'msg="Prometheus runs its configuration" role=follower')[-1]
    assert demoted < released and host.show(ELECTOR, "Result") == "success"
    ended_at = int(host.show(ELECTOR, "InactiveEnterTimestampMonotonic"))
    for unit in needed:
        assert ended_at <= int(host.show(unit, "ActiveExitTimestampMonotonic")), unit
