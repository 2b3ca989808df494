"""The side beside ours: three Go programs over client-go, which stand for election as prometheus-elector does."""
import moment
from lib import kube
from lib.contender import Contender
from lib.elector import LEASE
from lib.fleet import LEASE_NAME, Fleet
from lib.polling import poll
from lib.processes import end_all

SIZE = 3
NEXT_SECONDS_MAX = 90


class ClientGo:
    def __init__(self, folder, server, sink, version):
        self.namespace = kube.Namespace(server)
        self._folder, self._version = folder, version
        self._lines_of = Fleet(folder, sink=sink, namespace=self.namespace)  # without replicas
        self._members, self._lines, self._count = [], {}, 0

    def start(self):
        for _ in range(SIZE):
            self._add()
        self.leader()

    def stop(self):
        end_all(self._members)
        for line in self._lines.values():
            line.stop()

    def leader(self):
        return poll(lambda: next(filter(Contender.is_leader, self._members), None), NEXT_SECONDS_MAX,
                    "a client-go member leads")

    def lines(self):
        """Each member's line to the API server, the leader's first."""
        leader = self.leader()
        return [self._lines[member] for member in sorted(self._members, key=lambda member: member is not leader)]

    def begin(self, phase):
        leader = self.leader()
        moment.wait_for(self.namespace, phase)
        return leader

    def wait_for_next(self, old):
        """When another than `old` said that it leads."""
        others = [member for member in self._members if member is not old]
        new = poll(lambda: next(filter(Contender.is_leader, others), None), NEXT_SECONDS_MAX, "another member leads")
        return moment.seconds(next(event["time"] for event in reversed(new.events())
                                   if event["event"] == "started_leading"))

    def replace(self, ended):
        """A fresh member instead of one that has ended."""
        self._members.remove(ended)
        self._lines.pop(ended).stop()
        self._add()

    def _add(self):
        self._count += 1
        folder = self._folder / f"member-{self._count}"
        folder.mkdir(parents=True)
        line, flags = self._lines_of.connect_to_store(folder)
        member = Contender(folder, f"client-go-{self._count}", version=self._version, kubeconfig=flags["kubeconfig"],
                           namespace=self.namespace.name, lease_name=LEASE_NAME, times=LEASE)
        self._lines[member] = line
        self._members.append(member.start())
