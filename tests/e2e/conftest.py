"""Fixtures: each test gets a folder for its files and logs, and everything that it starts ends with it."""
import os
import pathlib
import shutil
import uuid

import pytest

from lib import api_server as api_servers
from lib import containers, folders, isolation, kube, peers
from lib.elector import STEADY_LEASE_SECONDS, lease_of
from lib.fencing_sink import FencingSink
from lib.fleet import Fleet
from lib.gate_fleet import GateFleet
from lib.processes import end_all
from lib.remote_write_sink import RemoteWriteSink
from lib.upstream import Upstream

STEWARD = "PROMFLEET_E2E_STEWARD"  # the address of the API server's steward, for this run's workers
LOGS = pathlib.Path(os.environ.get("PROMFLEET_E2E_LOGS", peers.ROOT / "build/test-logs/e2e"))


def pytest_configure(config):
    os.umask(0o022)  # users inside of containers and hosts read what tests write, whatever the caller hides from others
    for name in ("NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"):  # who runs the tests reports there, not what they start
        os.environ.pop(name, None)
    if hasattr(config, "workerinput"):
        return
    # In the controlling process, before any worker starts.
    containers.make_store()
    os.environ[STEWARD] = f"promfleet-e2e-{uuid.uuid4().hex}"
    config.steward = api_servers.Steward(LOGS / "api-server", os.environ[STEWARD])


def pytest_unconfigure(config):
    if hasattr(config, "steward"):
        config.steward.stop()
        containers.remove_store()


@pytest.fixture
def folder(request):
    """The test's own folder under build/test-logs/e2e; databases in it go when the test ends, logs stay."""
    path = LOGS / request.node.path.stem / folders.name_for(request.node.name)
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    yield path
    for data in path.rglob("data"):
        shutil.rmtree(data, ignore_errors=True)


@pytest.fixture
def processes():
    """A list: what a test appends to it ends with the test."""
    started = []
    yield started
    end_all(started)


@pytest.fixture
def sink():
    server = RemoteWriteSink()
    yield server
    server.stop()


@pytest.fixture
def upstream():
    with Upstream() as server:
        yield server


@pytest.fixture(scope="session")
def api_server():
    return api_servers.ask_steward(os.environ[STEWARD])


@pytest.fixture
def namespace(api_server):
    return kube.Namespace(api_server)


@pytest.fixture
def new_fleet(folder, sink):
    """A function that makes a Fleet in a folder of its own; every fleet ends with the test."""
    fleets = []

    def create(**options):
        peers.promfleet()
        fleets.append(Fleet(folder / f"fleet-{len(fleets)}", sink=sink, **options))
        return fleets[-1]

    yield create
    for fleet in fleets:
        fleet.stop()


@pytest.fixture
def fencing_sink(folder, processes):
    server = FencingSink(folder)
    processes.append(server)
    return server.start()


@pytest.fixture
def new_gate_fleet(folder, namespace, request):
    """A function that makes a GateFleet in front of the fencing sink, or of another receiver."""
    fleets = []

    def create(receiver=None, **options):
        peers.promfleet()
        receiver = receiver or request.getfixturevalue("fencing_sink")
        fleets.append(GateFleet(folder / f"fleet-{len(fleets)}", receiver=receiver, namespace=namespace, **options))
        return fleets[-1]

    yield create
    for fleet in fleets:
        fleet.stop()


@pytest.fixture
def fleet(new_fleet, namespace):
    """Three replicas on the real API server, Prometheus 3.15 in each, one of them leading."""
    return new_fleet(namespace=namespace, flags=lease_of(STEADY_LEASE_SECONDS)).start()


@pytest.fixture
def writing_fleet(fleet, sink):
    """The fleet once its leader is the only writer."""
    sink.wait_for_sole_writer(fleet.leader().name)
    return fleet


@pytest.fixture(scope="session")
def private_mounts():
    """Lets a test mount what it likes: this worker gets a mount namespace of its own."""
    isolation.unshare()
