"""`promfleet elector` as a process: its command line, its endpoints, its metrics."""
import os
import re

from lib import peers, web
from lib.polling import poll
from lib.ports import free_port
from lib.processes import Process


def lease_of(seconds):
    """The flags of a lease of so many seconds. Its leader loses it if it is held up for two thirds of them, as members
    are for a second or two on a busy machine."""
    return {"lease-duration": f"{seconds}s", "lease-renew-deadline": f"{seconds * 2 // 3}s",
            "lease-retry-period": "500ms"}


# The product's own durations, and those that keep the tests short.
LEASE = {"lease-duration": "15s", "lease-renew-deadline": "10s", "lease-retry-period": "2s"}
LEASE_SECONDS = 3  # of the short one
SHORT_LEASE = lease_of(LEASE_SECONDS)
STEADY_LEASE_SECONDS = 9  # of one that a leader keeps which is held up for a moment
# For who does not wait until a lease expires: a leader keeps it until it releases it, and what is to happen at once may
# take as long as polls last.
LONG_LEASE = lease_of(60)
# A member that starts again has one retry period to go on with its term.
RESUMABLE_LEASE = {**LEASE, "lease-retry-period": "4s"}


def arguments(flags):
    """Go's syntax: True is a flag alone, a list repeats the flag, None leaves it out."""
    words = []
    for name, value in flags.items():
        for each in value if isinstance(value, list) else [value]:
            if each is not None:
                words.append(f"-{name}" if each is True else f"-{name}={each}")
    return words


def proxy_flags(local_port, service="prometheus"):
    """The leader proxy on, in front of what listens on localhost:`local_port`."""
    return {"api-proxy-enabled": True, "api-proxy-prometheus-service-name": service,
            "api-proxy-prometheus-local-port": local_port}


class Elector(Process):
    """`flags` and `env` may change until start(), and between two starts."""

    def __init__(self, folder, member, flags, *, env=None, wrapper=(), limits=None, host="127.0.0.1"):
        """`wrapper`: words before the command, such as unshare and its arguments."""
        self.member = member
        self.port = free_port()
        self.url = f"http://{host}:{self.port}"
        self.flags = {**SHORT_LEASE, "api-listen-address": f"{host}:{self.port}", **flags}
        self._wrapper = [*wrapper, peers.promfleet(), "elector"]
        super().__init__([], folder / "elector.log", limits=limits,
                         env={**os.environ, "POD_NAME": member, **(env or {})})

    def start(self):
        self.command = [str(word) for word in [*self._wrapper, *arguments(self.flags)]]
        return super().start()

    def get(self, path, **options):
        return web.get(self.url + path, **options)

    def post(self, path, body=b"", **options):
        return web.post(self.url + path, body, **options)

    def wait_until_serving(self, deadline_seconds=30):
        poll(lambda: self.get("/_elector/leader"), deadline_seconds, f"{self.member} serves its API\n{self.log()}")
        return self

    def is_leader(self):
        return self.get("/_elector/leader").json()["is_leader"]

    def current_leader(self):
        return self.get("/_elector/leader").json()["current_leader"]

    def status(self):
        return self.get("/_elector/status").json()

    def has_arrived(self):
        """Whether Prometheus has confirmed the newest configuration of this member's role."""
        return self.status()["reconciler"]["arrived"]

    def healthz(self):
        return self.get("/_elector/healthz")

    def problems(self, word=""):
        """The health page's text if it reports a problem that mentions `word`, else ""."""
        text = self.healthz().text()
        return text if word in text else ""

    def wait_for_problem(self, word, deadline_seconds=20):
        """The health page's text once it mentions `word`."""
        return poll(lambda: self.problems(word), deadline_seconds, f"healthz mentions {word!r}")

    def metrics(self):
        """Every sample: {'name{label="value"}': float}."""
        samples = {}
        for line in self.get("/_elector/metrics").text().splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                samples[name] = float(value)
        return samples

    def metric(self, name):
        """The sum over the labels of one metric; KeyError if there is none."""
        values = [value for key, value in self.metrics().items() if re.split(r"[{]", key)[0] == name]
        if not values:
            raise KeyError(name)
        return sum(values)

    def wait_until_leader(self, deadline_seconds=30):
        poll(self.is_leader, deadline_seconds, f"{self.member} leads")

    def wait_until_follower_of(self, leader, deadline_seconds=30):
        poll(lambda: not self.is_leader() and self.current_leader() == leader, deadline_seconds,
             f"{self.member} follows {leader}")
