"""A member that is not ours: a Go program over client-go, as prometheus-elector contends for its Lease."""
import json

from lib import peers
from lib.elector import SHORT_LEASE, arguments
from lib.polling import poll
from lib.processes import Process

# The release of client-go that prometheus-elector uses, and the one whose release can blank another's Lease.
PROGRAMS = {"0.31": "contender-0.31", "0.36": "contender-0.36"}


class Contender(Process):
    def __init__(self, folder, member, *, version, kubeconfig, namespace, lease_name, times=SHORT_LEASE):
        """`times`: the lease's three durations, as flags."""
        self.member = member
        flags = {**times, "id": member, "kubeconfig": kubeconfig, "lease-namespace": namespace,
                 "lease-name": lease_name}
        super().__init__([peers.peer(PROGRAMS[version], "contender"), *arguments(flags)], folder / f"{member}.log")

    def events(self):
        """[{"event": ..., "leader": ..., "time": ...}] so far."""
        return [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]

    def is_leader(self):
        transitions = [event["event"] for event in self.events() if event["event"] != "new_leader"]
        return transitions[-1:] == ["started_leading"]

    def wait_until_leader(self, deadline_seconds=30):
        poll(self.is_leader, deadline_seconds, f"{self.member} leads")
