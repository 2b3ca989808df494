"""Our side: three replicas with Prometheus 3.15, the periods that are the product's defaults, and what can be observed
of a failover among them.

Nothing is asked often, so that measuring costs the machine little: when a configuration was loaded, and how long the
reload took, Prometheus itself says afterwards.
"""
import time

import moment
from lib import continuity, kube
from lib.fleet import DEFAULT_PERIODS, Fleet
from lib.polling import poll

NAME = "promfleet"
SCRAPE_MS = 1000  # of lib.fleet's configuration
NEXT_SECONDS_MAX = 90


class Ours:
    def __init__(self, folder, server, sink, _name):
        self.namespace = kube.Namespace(server)
        self._sink = sink
        self.fleet = Fleet(folder, sink=sink, namespace=self.namespace, flags=DEFAULT_PERIODS)

    def start(self):
        for number in range(3):
            self.fleet.add(f"prometheus-{number}")
        self.fleet.start_prometheus()
        for replica in self.fleet.replicas:
            replica.elector.start()
        self.fleet.leader(deadline_seconds=60)

    def stop(self):
        self.fleet.stop()

    def lines(self):
        """Each member's line to the API server, the leader's first."""
        leader = self.fleet.leader(NEXT_SECONDS_MAX)
        return [replica.store for replica in sorted(self.fleet.replicas, key=lambda replica: replica is not leader)]

    def begin(self, phase):
        leader = self.fleet.leader(NEXT_SECONDS_MAX)
        self._sink.wait_for_sole_writer(leader.name, NEXT_SECONDS_MAX, quiet_seconds=5)
        poll(lambda: all(map(_is_scraping, self.fleet.replicas)), NEXT_SECONDS_MAX, "every Prometheus scrapes")
        moment.wait_for(self.namespace, phase)
        return Scene(self, leader, self._sink)


class Scene:
    """A failover from the moment before the fault."""

    def __init__(self, side, old, sink):
        self.old, self.others = old, [replica for replica in side.fleet.replicas if replica is not old]
        self._sink = sink
        self._reload_seconds = {replica.name: _reload_seconds(replica) for replica in side.fleet.replicas}
        self.since, self.began_at = time.monotonic(), time.time()

    def elapsed(self):
        return time.time() - self.began_at

    def wait_for_next(self):
        """The member that leads instead, once its configuration is loaded."""
        new = poll(lambda: next(filter(lambda replica: replica.elector.is_leader(), self.others), None),
                   NEXT_SECONDS_MAX, "another member leads")
        self._wait_for_reload(new)
        assert new.has_queue(), f"{new.name} leads without remote_write"
        return new

    def next_after(self, new):
        """Seconds until the configuration of the next leader was loaded."""
        return _loaded_at(new) - self.began_at

    def reload_seconds(self, replica):
        """How long Prometheus took for its reloads since the beginning."""
        return _reload_seconds(replica) - self._reload_seconds[replica.name]

    def both_loaded(self, new):
        """How long the old and the new leader's Prometheus had the leader's configuration. The new one's counts from
        the beginning of its reload. The old one must be about to give it up."""
        self._wait_for_reload(self.old)
        assert not self.old.has_queue(), f"{self.old.name} reloads, and goes on writing"
        return max(0.0, _loaded_at(self.old) - (_loaded_at(new) - self.reload_seconds(new)))

    def has_changed_hands(self):
        """Whether another Prometheus got a configuration since the beginning."""
        return any(_loaded_at(replica) > self.began_at for replica in self.others)

    def cost(self, new):
        """(lost, doubled) scrapes at the sink, seen once the new leader has written for some seconds."""
        settled_at = self._newest(new) + 5 * SCRAPE_MS
        poll(lambda: self._newest(new) >= settled_at, 30, f"{new.name} writes")
        return continuity.cost(self._timestamps().values(), SCRAPE_MS)

    def _newest(self, replica):
        return max(self._timestamps().get(replica.name, [time.time() * 1000]))

    def _timestamps(self):
        """Of one of the series that every scrape has, for each replica; stale markers are no samples."""
        found = {}
        for write in self._sink.writes(since=self.since - 5):
            found.setdefault(write.replica, []).extend(
                sample.timestamp_ms for sample in write.samples if sample.name == "up" and sample.value == sample.value)
        return found

    def _wait_for_reload(self, replica):
        poll(lambda: _loaded_at(replica) > self.began_at and self.reload_seconds(replica) > 0, NEXT_SECONDS_MAX,
             f"{replica.name} has loaded another configuration")


def _is_scraping(replica):
    """A Prometheus that was started again needs some seconds until it does."""
    return replica.prometheus.query("time() - timestamp(up) < 2")


def _loaded_at(replica):
    return replica.prometheus.metric("prometheus_config_last_reload_success_timestamp_seconds")


def _reload_seconds(replica):
    """In all, since the start of Prometheus; 0 if it does not run or was never asked."""
    if not replica.prometheus.is_running():
        return 0.0
    try:
        return replica.prometheus.metric('prometheus_http_request_duration_seconds_sum{handler="/-/reload"}')
    except LookupError:
        return 0.0
