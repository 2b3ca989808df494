"""docs/migrate-from-prometheus-elector.md, Rules and alerts: rules for everybody, `alerting` for the leader alone."""
import threading
import time

import pytest
import yaml

from lib.elector import lease_of
from lib.fleet import follower_section
from lib.http_server import FakeServer
from lib.polling import poll, stays

FOR_SECONDS = 14  # longer than a takeover and a repetition take
RESEND_SECONDS = 2


class Alertmanager(FakeServer):
    """Records which replica sent alerts, and when; each sends to a path of its own."""

    def __init__(self):
        self._lock, self._received = threading.Lock(), []
        super().__init__()

    def respond(self, method, path, headers, body):
        with self._lock:
            self._received.append((path.split("/")[1], time.monotonic()))
        return 200, b""

    def senders(self, since=0.0):
        with self._lock:
            return {name for name, received_at in self._received if received_at > since}


@pytest.fixture
def alertmanager():
    server = Alertmanager()
    yield server
    server.stop()


def alerting(alertmanager, name):
    return {"alerting": {"alertmanagers": [{"path_prefix": f"/{name}", "static_configs": [
        {"targets": [f"127.0.0.1:{alertmanager.port}"]}]}]}}


def test_only_the_leader_sends_alerts_and_the_next_one_does_not_begin_their_time_anew(new_fleet, alertmanager, folder):
    rules = folder / "rules.yml"
    rules.write_text(yaml.safe_dump({"groups": [{"name": "g", "rules": [
        {"alert": "Always", "expr": "vector(1)", "for": f"{FOR_SECONDS}s"}]}]}))
    fleet = new_fleet(flags=lease_of(9))
    for name in ("prometheus-0", "prometheus-1"):
        replica = fleet.add(name)
        follower = follower_section(name, replica.prometheus.port)
        follower["global"]["evaluation_interval"] = "1s"
        replica.prometheus.command.append(f"--rules.alert.resend-delay={RESEND_SECONDS}s")
        replica.write_config({**follower, "rule_files": [str(rules)]}, alerting(alertmanager, name))
    fleet.launch()
    first, second = fleet.leader(), fleet.followers()[0]
    poll(alertmanager.senders, FOR_SECONDS + 30, "the alert is sent")
    stays(lambda: alertmanager.senders() == {first.name}, 3, "the leader alone sends")

    first.elector.kill()
    first.prometheus.kill()
    killed_at = time.monotonic()
    second.elector.wait_until_leader()
    poll(lambda: second.name in alertmanager.senders(killed_at), FOR_SECONDS - 4, "the next leader repeats it")
