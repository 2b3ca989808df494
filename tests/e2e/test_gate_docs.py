"""docs/gate.md: what it tells to run works, and it explains every key."""
import json
import re
import urllib.parse

from lib import peers, web
from lib.elector import SHORT_LEASE, arguments
from lib.polling import poll
from lib.ports import free_port
from lib.processes import Process, write_mortal
from lib.prometheus import program

PAGE = (peers.ROOT / "docs/gate.md").read_text()
STORAGE, APIS = "9099", ("9095", "9195")
PORTS = (STORAGE, *APIS, "9090", "9096", "9190", "9196")


def first_run(ports):
    """The commands under the heading, on these ports and with a lease that is soon acquired."""
    section = PAGE.partition("## A first run")[2]
    commands = re.search(r"```sh\n(.*?)```", section, re.DOTALL)[1]
    assert set(ports) <= set(re.findall(r"\d+", commands))
    commands = re.sub("|".join(ports), lambda port: str(ports[port[0]]), commands)
    return commands.replace("-lease-backend=file", " ".join(["-lease-backend=file", *arguments(SHORT_LEASE)]))


class Shell(Process):
    """Runs commands that leave programs in the background, which end with it."""

    def __init__(self, folder, commands, programs):
        write_mortal(folder / "bin", programs)
        script = folder / "first-run.sh"
        script.write_text(f"set -eu\nPATH={folder / 'bin'}:$PATH\n{commands}\nwait\n")
        super().__init__(["bash", script], folder / "first-run.log", cwd=folder)


def test_first_run_leads_to_a_leader_whose_samples_arrive(folder, processes):
    ports = {port: free_port() for port in PORTS}
    processes.append(Shell(folder, first_run(ports), {"promfleet": peers.promfleet(), "prometheus": program("3.15")}))
    processes[-1].start()

    def destinations():
        """{role: its one destination}."""
        answers = [web.get(f"http://127.0.0.1:{ports[api]}/_elector/status").json() for api in APIS]
        assert not any(answer["problems"] for answer in answers), answers
        return {answer["role"]: answer["gate"]["destinations"][0] for answer in answers}
    poll(lambda: destinations()["leader"]["state"] == "open", 40, "a member leads, and its gate is open")
    poll(lambda: destinations()["follower"]["held_requests"] == 1, 40, "the other member's gate holds")

    def stored():
        query = urllib.parse.urlencode({"query": "count_over_time(up[1m])"})
        answer = web.get(f"http://127.0.0.1:{ports[STORAGE]}/api/v1/query?{query}").text()
        return [series["metric"] for series in json.loads(answer)["data"]["result"]]
    poll(stored, 40, "samples are stored")
    assert [labels for labels in stored() if "replica" in labels] == []


def test_every_key_of_the_configuration_is_explained():
    source = (peers.ROOT / "src/elector/gate/gate_config.cpp").read_text()
    known = re.search(r"check_http_client_keys\(fields, \{(.*?)\}", source, re.DOTALL)[1]
    section = PAGE.partition("## Configuration")[2].partition("\n## ")[0]
    assert set(re.findall(r'"(\w+)"', known)) <= set(re.findall(r"`(\w+)`", section))


def test_every_finding_and_alert_is_explained():
    sources = [peers.ROOT / "src/elector" / name for name in ("gate/gate_preflight.cpp", "preflight_monitor.cpp")]
    findings = {name for source in sources for name in re.findall(r'"(gate_[a-z_]+)"', source.read_text())}
    rules = (peers.ROOT / "deploy/monitoring/elector.rules.yml").read_text()
    alerts = set(re.findall(r"alert: (PromfleetGate\w+)", rules))
    assert findings and alerts and findings | alerts <= set(re.findall(r"`(\w+)`", PAGE))
