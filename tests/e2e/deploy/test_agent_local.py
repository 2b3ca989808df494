"""deploy/examples/agent-local: replicas on this machine, in an election by a Lease of a real API server."""
import contextlib
import os
import subprocess

import pytest

from lib import kube, make, peers, web
from lib.api_server import ADMIN_TOKEN
from lib.foreign_receivers import ForeignPrometheus
from lib.polling import poll
from lib.ports import free_port
from lib.processes import Process, write_mortal
from lib.prometheus import program

SCRIPT = peers.ROOT / "deploy/examples/agent-local"


class AgentLocal(Process):
    """The script; what it starts ends with it, whatever happens."""

    def __init__(self, folder, name, version, kubeconfig, storage):
        self.port = base_port()
        self.url = f"http://127.0.0.1:{self.port + 4}"
        bin_folder = folder / f"bin-{name}"
        write_mortal(bin_folder, {"promfleet": peers.promfleet(), "prometheus": program(version)})
        environment = {**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}", "POD_NAME": name,
                       "PORT": str(self.port), "FOLDER": str(folder / name / "data"), "STORAGE": storage,
                       "KUBECONFIG": str(kubeconfig), "LEASE": f"local-{version}",
                       "PROMFLEET": str(bin_folder / "promfleet")}
        super().__init__([SCRIPT], folder / f"{name}.log", env=environment)

    def leader(self):
        return web.get(f"{self.url}/_elector/leader").json()["current_leader"]


def base_port():
    """A port that is free, as the fourth and the fifth after it are."""
    while True:
        ports = [free_port() for _ in range(6)]
        if ports[-1] - ports[0] == 5:
            return ports[0]


@pytest.mark.parametrize("version", ["3.15", "2.42"])
def test_one_of_two_agents_writes_and_the_other_takes_over_when_it_is_ended(folder, processes, api_server, version):
    kubeconfig = kube.write_kubeconfig(folder / "kubeconfig", port=api_server.port, ca_path=api_server.ca_path,
                                       user={"token": ADMIN_TOKEN})
    storage = ForeignPrometheus(folder / "storage")
    processes.append(storage.start())
    agents = {name: AgentLocal(folder, name, version, kubeconfig, storage.write_url) for name in ("a", "b")}
    for agent in agents.values():
        processes.append(agent.start())

    def written():
        return {series["metric"]["instance"] for series in storage.query("count_over_time(up[1m])")}
    first = poll(lambda: {agent.leader() for agent in agents.values()} & agents.keys(), 40, "one leads").pop()
    poll(lambda: written() == {first}, 40, "what the leader scrapes arrives, and nothing else")
    agents[first].terminate()
    second = next(name for name in agents if name != first)
    poll(lambda: agents[second].leader() == second, 10, "the other one leads at once")
    poll(lambda: written() == {first, second}, 40, "what the other one scrapes arrives")
    with contextlib.suppress(OSError):
        pytest.fail(f"something of {first} still answers: {web.get(agents[first].url).status}")


def test_target_builds_and_runs_it():
    assert make.dry_run("run_agent_local", "POD_NAME=b", "PORT=9191")[-1] == \
        "POD_NAME='b' PORT='9191' STORAGE='' deploy/examples/agent-local"


def test_missing_prometheus_is_told_in_a_line(folder):
    (folder / "bin").mkdir()
    for name in ("bash", "dirname"):
        (folder / "bin" / name).symlink_to(f"/usr/bin/{name}")
    done = subprocess.run([SCRIPT], env={"PATH": str(folder / "bin")}, capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and done.stderr == "deploy/examples/agent-local: prometheus is not installed\n"
