"""The programs of the demo, each a Part that dies with it: where they are, how they are started and asked."""
import http.client
import json
import os
import pathlib
import random
import socket
import subprocess
import time
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
DEFAULT_FOLDER = ROOT / "build/demo"
FOLDER = pathlib.Path(os.environ.get("DEMO_FOLDER") or DEFAULT_FOLDER).absolute()
PROMFLEET = pathlib.Path(os.environ.get("PROMFLEET_BINARY", ROOT / "build/release/promfleet"))
SAMPLE_APP = PROMFLEET.parent / "sample-app"
FENCING_SINK = pathlib.Path(os.environ.get("PROMFLEET_FENCING_SINK",
                                           PROMFLEET.parent / "tests/fencing_sink/fencing_sink"))
PROMETHEUS = pathlib.Path("/usr/bin/prometheus")
PORTS = range(10_000, 32_000)  # below those that the kernel gives to outgoing connections, unless it is told otherwise
# What a service manager has told the demo's caller: no part of it reports there.
SERVICE_MANAGER = ("NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC")

LEASE_SECONDS = 5
LEASE_FLAGS = [f"-lease-duration={LEASE_SECONDS}s", "-lease-renew-deadline=3s", "-lease-retry-period=1s"]

# What asking a program that starts, ends or is busy may come to.
NO_ANSWER = (OSError, ValueError, http.client.HTTPException)


class Failed(Exception):
    """The demo cannot go on; the message says why."""


class Part:
    """A running program. It dies with the demo, however the demo ends."""

    def __init__(self, name, command, environment=None):
        self.name, self.log_path, self._is_killed = name, FOLDER / f"{name}.log", False
        inherited = {key: value for key, value in os.environ.items() if key not in SERVICE_MANAGER}
        with open(self.log_path, "ab") as log:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", *map(str, command)], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, env={**inherited, **(environment or {})}, start_new_session=True)

    def kill(self):
        self._is_killed = True
        self._process.kill()
        self._process.wait()

    def has_ended_by_itself(self):
        return self._process.poll() is not None and not self._is_killed


class Cast(list):
    """Every Part that was started."""

    def check(self):
        for part in self:
            if part.has_ended_by_itself():
                raise Failed(f"{part.name} has ended by itself; why, says {part.log_path}")

    def wait(self, condition, seconds, what):
        """Until `condition` returns something true, which is returned."""
        deadline = time.monotonic() + seconds
        while True:
            self.check()
            try:
                if value := condition():
                    return value
            except NO_ANSWER:
                pass
            if time.monotonic() > deadline:
                raise Failed(f"{what}: not within {seconds} s (logs: {FOLDER}/*.log)")
            time.sleep(0.05)

    def kill(self):
        for part in self:
            part.kill()


class Replica:
    """A Prometheus and the elector beside it."""

    def __init__(self, name, ports):
        self.name, self.folder = name, FOLDER / name
        self.config, self.output = self.folder / "config.yaml", self.folder / "prometheus.yml"
        self.port, self.elector_port = next(ports), next(ports)
        self.parts = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def elector_url(self):
        return f"http://127.0.0.1:{self.elector_port}/_elector"

    def start(self, configuration, lease, flags=()):
        """`configuration`: for -config; `lease`: the file that its group shares; `flags`: more for the elector."""
        self.folder.mkdir()
        self.config.write_text(configuration)
        files = [f"-config={self.config}", f"-output={self.output}"]
        subprocess.run([PROMFLEET, "elector", "-init", *files], check=True)
        self.parts = [
            Part(f"{self.name}-prometheus", prometheus_command(self.output, self.port, self.folder)),
            Part(f"{self.name}-elector", [
                PROMFLEET, "elector", *files, *flags, *LEASE_FLAGS, "-lease-backend=file", f"-lease-file={lease}",
                f"-api-listen-address=127.0.0.1:{self.elector_port}", f"-notify-http-url={self.url}/-/reload",
                f"-readiness-http-url={self.url}/-/ready", "-readiness-poll-period=200ms",
                f"-healthcheck-http-url={self.url}/-/healthy", "-healthcheck-period=1s"], {"POD_NAME": self.name})]
        return self.parts

    def kill(self):
        for part in self.parts:
            part.kill()

    def is_leader(self):
        return get_json(f"{self.elector_url}/leader")["is_leader"]


class Application:
    """What the replicas scrape: a small instrumented web application."""

    def __init__(self, port):
        self.port = port

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        return Part("sample-app", [SAMPLE_APP, f"-listen-address=127.0.0.1:{self.port}"])


class Storage:
    """A third Prometheus that only receives."""

    def __init__(self, port):
        self.port = port

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        folder = FOLDER / "storage"
        folder.mkdir()
        config = folder / "prometheus.yml"
        config.write_text("global: {}\n")
        return Part("storage", prometheus_command(config, self.port, folder) + ["--web.enable-remote-write-receiver"])

    def requests_by_writer(self, age_seconds_max=3):
        """{replica: http_request_total}, of those whose newest sample is that young."""
        expression = f"http_request_total and time() - timestamp(http_request_total) < {age_seconds_max}"
        answer = get_json(f"{self.url}/api/v1/query?query={urllib.parse.quote(expression)}")
        return {series["metric"]["replica"]: int(float(series["value"][1])) for series in answer["data"]["result"]}


def prometheus_command(config, port, folder):
    return [PROMETHEUS, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}",
            f"--storage.tsdb.path={folder / 'data'}", "--web.enable-lifecycle",
            "--scrape.discovery-reload-interval=200ms", "--storage.remote.flush-deadline=1s"]


def free_ports():
    """One after the other, none twice."""
    for port in random.sample(PORTS, len(PORTS)):
        try:
            socket.create_server(("127.0.0.1", port)).close()
            yield port
        except OSError:
            pass  # somebody has it


# Not by way of the proxy that the environment may name: everything is on loopback.
_DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(url, body=None, timeout_seconds=2):
    """An answer, to be closed. With a `body` the method is POST."""
    return _DIRECTLY.open(url, body, timeout_seconds)


def get_json(url, timeout_seconds=2):
    with ask(url, timeout_seconds=timeout_seconds) as answer:
        return json.load(answer)


def leader_of(replicas):
    """None: nobody leads."""
    return next((replica for replica in replicas if replica.is_leader()), None)


def is_up(url):
    with ask(url) as answer:
        return answer.status == 200
