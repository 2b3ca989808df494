"""deploy/systemd on a host that systemd has booted: a member of a pair with etcd, hardened, watched, stopped in order."""
import re
import shutil
import signal

import pytest

from lib import peers
from lib.elector import arguments
from lib.polling import poll
from lib.systemd_host import QUIET, UNITS, SystemdHost

FOLDER = peers.ROOT / "deploy/systemd"
INIT, ELECTOR, DROP_IN = "promfleet-init.service", "promfleet-elector.service", "prometheus.service.d/promfleet.conf"
QUICK = {"lease-duration": "8s", "lease-renew-deadline": "3s", "lease-retry-period": "1s",
         "readiness-poll-period": "200ms"}


@pytest.fixture
def host(folder):
    """A host with our units as docs/systemd.md installs them, once its member leads."""
    for program in ("prometheus", "etcd"):
        peers.debian(program)
    host = SystemdHost(folder, "host-a")
    for unit in (INIT, ELECTOR, DROP_IN):
        host.add(f"{UNITS}/{unit}", (FOLDER / unit).read_text())
    host.add(f"{UNITS}/{ELECTOR}.d/quick.conf", "[Service]\nWatchdogSec=2s\n")
    host.add("etc/promfleet/elector.yaml", (FOLDER / "elector.yaml").read_text())
    quick = " ".join(arguments(QUICK))
    host.add("etc/promfleet/elector.env",
             re.sub("^ELECTOR_ARGS=", f"ELECTOR_ARGS={quick}", (FOLDER / "elector.env").read_text(), flags=re.M))
    binary = host.add("usr/local/bin/promfleet", "")
    shutil.copy(peers.promfleet(), binary)
    try:
        host.start(ELECTOR)
        assert host.run("systemctl", "start", "etcd").returncode == 0
        poll(lambda: status(host) == "leads", 20, "the member leads")
        yield host
    finally:
        host.stop()


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
    owner = host.run("stat", "--format=%U %a", "/var/lib/promfleet/prometheus.yml").stdout.strip()
    assert owner == "prometheus 600"
    for unit in (INIT, ELECTOR, "prometheus.service"):
        assert host.show(unit, "ActiveState") == "active"
    assert not said(host, ELECTOR, "level=error")


def test_elector_that_hangs_is_killed_and_goes_on_with_its_term(host):
    before = host.show(ELECTOR, "MainPID")
    host.run("systemctl", "kill", f"--signal={signal.SIGSTOP.name}", ELECTOR)
    poll(lambda: host.show(ELECTOR, "MainPID") not in (before, "0"), 15, "systemd has started another")
    poll(lambda: status(host) == "leads", 10, "it leads")
    assert host.show(ELECTOR, "NRestarts") == "1"
    assert said(host, ELECTOR, "reason=resumed")


def test_elector_gives_the_lease_back_before_anything_that_it_needs_for_that_is_stopped(host):
    assert host.run("systemctl", "isolate", QUIET).returncode == 0
    released, = said(host, ELECTOR, "reason=released")
    demoted = said(host, ELECTOR, 'msg="Prometheus runs its configuration" role=follower')[-1]
    prometheus_ends, = said(host, "prometheus.service", "Received SIGTERM")
    etcd_ends, = said(host, "etcd.service", "received terminated signal")
    assert demoted < released < min(prometheus_ends, etcd_ends)
    assert host.show(ELECTOR, "Result") == "success"
