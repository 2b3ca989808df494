"""How long the receiver gets nothing when the leader ends: from the end of its lease to the next leader's first write.

With a lease of 15/10/2 s at a real API server. The times are the sink's, the lease's and the electors' logs'.
"""
import os
import signal
import statistics
import time

import moment
from lib import kube
from lib.fencing_sink import FencingSink
from lib.fleet import DEFAULT_PERIODS
from lib.polling import poll
from lib.processes import end_all
from members import GateMembers, logged_ms, term_of, wait_until_holding

ROUNDS = int(os.environ.get("BENCH_FAILOVERS", "3"))
LATENESS_SECONDS = 6  # so that a member that was away is soon as good as before
TARGET_MS = 200
SCRAPE = {"global": {"scrape_interval": "1s"}}


def measure(figures, running, folder, server):
    sink = FencingSink(folder)
    running.callback(end_all, [sink])
    sink.start()
    namespace = kube.Namespace(server())
    members = Selves(folder, write_url=sink.write_url, scrape=SCRAPE, lateness=LATENESS_SECONDS, namespace=namespace,
                     flags=DEFAULT_PERIODS)
    running.callback(members.stop)
    members.start(2)
    took = {"SIGTERM": [], "kill -9": []}
    for number in range(ROUNDS):
        for how, end in {"SIGTERM": stop, "kill -9": kill}.items():
            took[how].append(takeover(members, sink, end, (number + 0.5) / ROUNDS))
            print(f"round {number + 1}/{ROUNDS}  {how:8} {took[how][-1]:.0f} ms", flush=True)
    fill(figures, took)


class Selves(GateMembers):
    """Each scrapes itself."""

    def sections(self, replica):
        follower, leader = super().sections(replica)
        target = {"targets": [f"127.0.0.1:{replica.prometheus.port}"], "labels": {"instance": "self"}}
        return {**follower, "scrape_configs": [{"job_name": "self", "static_configs": [target]}]}, leader


def takeover(members, sink, end, phase):
    """Milliseconds from the end of the lease to the first write of the next leader that the sink accepted."""
    old = members.leader(60)
    new = next(replica for replica in members.replicas if replica is not old)
    term_of(sink, old, "first_stored_unix_ms")
    wait_until_holding(new)
    moment.wait_for(members.namespace, phase)
    began_ms = time.time() * 1000
    ended_ms = end(members, old, began_ms)
    accepted_ms = term_of(sink, new, "first_accepted_unix_ms", began_ms)["first_accepted_unix_ms"]
    old.elector.wait()
    old.elector.start().wait_until_serving()
    old.elector.wait_until_follower_of(new.name, 60)
    return accepted_ms - ended_ms


def stop(members, old, began_ms):
    """Returns when a member first knew that the lease was free."""
    old.elector.signal(signal.SIGTERM)

    def released_ms():
        times = [logged_ms(replica, 'holder="" reason=released', began_ms) for replica in members.replicas]
        return min(filter(None, times), default=None)
    return poll(released_ms, 30, "the lease is released")


def kill(members, old, _began_ms):
    old.elector.kill()
    return moment.expires_at(members.namespace) * 1000


def fill(figures, took):
    figures.judge("SIGTERM of the leader: next leader's first write accepted", f"release + {TARGET_MS} ms",
                  f"release + {in_words(took['SIGTERM'])}", is_met=max(took["SIGTERM"]) <= TARGET_MS)
    figures.judge("leader killed: next leader's first write accepted", f"expiry + {TARGET_MS} ms",
                  f"expiry + {in_words(took['kill -9'])}", is_met=max(took["kill -9"]) <= TARGET_MS)
    figures.keep("takeovers_ms", took)


def in_words(values):
    return f"{statistics.median(values):.0f} ms [{min(values):.0f}, {max(values):.0f}], n={len(values)}"
