"""What happens to a leader, and what is measured of it. Each failover leaves its side whole again."""
import dataclasses
import signal
import time
from collections.abc import Callable

import moment

FROZEN_SECONDS = 2 * moment.LEASE_SECONDS
ABSENT_SECONDS = 10              # the sidecar that comes back when another leads, from then on
RESTART_SECONDS_MAX = moment.LEASE_SECONDS - moment.RETRY_SECONDS - 1  # surely before the expiry


@dataclasses.dataclass(frozen=True)
class Outcome:
    """None: does not apply."""
    next_after: float | None = None   # seconds until the next leader's configuration was loaded (client-go: it leads)
    overhead: float | None = None     # what remains without the expiry and the reloads
    both_loaded: float | None = None  # seconds in which two Prometheus had the leader's configuration
    lost: int | None = None           # scrapes of 1 s at the sink
    doubled: int | None = None

    def __str__(self):
        words = [(self.next_after, "{:.3f} s to the next leader"), (self.overhead, "{:.3f} s overhead"),
                 (self.both_loaded, "two loaded for {:.3f} s"), (self.lost, "{} lost"), (self.doubled, "{} doubled")]
        return ", ".join(text.format(value) for value, text in words if value is not None)


@dataclasses.dataclass(frozen=True)
class Failover:
    what: str
    happen: Callable
    go_elector: str  # what reference figures say of prometheus-elector in the same case


def crash(side, phase):
    scene = side.begin(phase)
    scene.old.elector.kill()
    scene.old.prometheus.kill()
    expires_at = moment.expires_at(side.namespace)
    new = scene.wait_for_next()
    after = scene.next_after(new)
    overhead = scene.began_at + after - scene.reload_seconds(new) - expires_at
    lost, doubled = scene.cost(new)
    scene.old.init()
    scene.old.prometheus.start().wait_until_ready()
    _return_as_follower(scene.old, new)
    return Outcome(after, overhead, 0.0, lost, doubled)


def stop(side, phase):
    scene = side.begin(phase)
    scene.old.elector.signal(signal.SIGTERM)
    new = scene.wait_for_next()
    after, both_loaded = scene.next_after(new), scene.both_loaded(new)
    overhead = after - scene.reload_seconds(scene.old) - scene.reload_seconds(new)
    scene.old.elector.wait()
    lost, doubled = scene.cost(new)
    _return_as_follower(scene.old, new)
    return Outcome(after, overhead, both_loaded, lost, doubled)


def restart(side, phase):
    scene = side.begin(phase)
    scene.old.elector.kill()
    time.sleep(phase * RESTART_SECONDS_MAX)
    scene.old.elector.start()
    leader = side.fleet.leader(60)
    if leader is scene.old:
        lost, doubled = scene.cost(leader)
        assert not scene.has_changed_hands(), "another member led in between"
        return Outcome(both_loaded=0.0, lost=lost, doubled=doubled)
    new = scene.wait_for_next()
    return Outcome(scene.next_after(new), None, scene.both_loaded(new), *scene.cost(new))


def prometheus_dies(side, phase):
    scene = side.begin(phase)
    scene.old.prometheus.kill()
    new = scene.wait_for_next()
    after = scene.next_after(new)
    lost, doubled = scene.cost(new)
    scene.old.prometheus.start().wait_until_ready()
    assert not scene.old.has_queue(), "it came back with the leader's configuration"
    scene.old.elector.wait_until_follower_of(new.name, 30)
    return Outcome(after, None, 0.0, lost, doubled)


def elector_dies(side, phase):
    scene = side.begin(phase)
    scene.old.elector.kill()
    new = scene.wait_for_next()
    after = scene.next_after(new)
    time.sleep(ABSENT_SECONDS)
    scene.old.elector.start()
    return Outcome(after, None, scene.both_loaded(new), *_cost_once_it_follows(scene, new))


def freeze(side, phase):
    scene = side.begin(phase)
    scene.old.elector.freeze()
    new = scene.wait_for_next()
    after = scene.next_after(new)
    time.sleep(max(0.0, FROZEN_SECONDS - scene.elapsed()))
    scene.old.elector.thaw()
    return Outcome(after, None, scene.both_loaded(new), *_cost_once_it_follows(scene, new))


def cut_off(side, phase):
    scene = side.begin(phase)
    scene.old.store.black_hole()
    new = scene.wait_for_next()
    after, both_loaded = scene.next_after(new), scene.both_loaded(new)
    lost, doubled = scene.cost(new)
    scene.old.store.heal()
    scene.old.elector.wait_until_follower_of(new.name, 30)
    return Outcome(after, None, both_loaded, lost, doubled)


def their_crash(side, phase):
    old = side.begin(phase)
    began_at = time.time()
    old.kill()
    expires_at = moment.expires_at(side.namespace)
    leads_at = side.wait_for_next(old)
    side.replace(old)
    return Outcome(leads_at - began_at, leads_at - expires_at)


def their_stop(side, phase):
    old = side.begin(phase)
    began_at = time.time()
    old.signal(signal.SIGTERM)
    leads_at = side.wait_for_next(old)
    old.wait()
    side.replace(old)
    return Outcome(leads_at - began_at)


def _cost_once_it_follows(scene, new):
    scene.old.elector.wait_until_follower_of(new.name, 30)
    return scene.cost(new)


def _return_as_follower(replica, leader):
    replica.elector.start().wait_until_serving()
    replica.elector.wait_until_follower_of(leader.name, 60)


OURS = {
    "crash": Failover("elector and Prometheus killed", crash, "not measured"),
    "stop": Failover("SIGTERM of the sidecar", stop, "1.2 to 2.4 s; two writers for good"),
    "restart": Failover("sidecar killed, started again before the expiry", restart, "not measured"),
    "cut-off": Failover("API server black-holed for the leader", cut_off, "two writers for 0.8 to 2.9 s"),
    "prometheus": Failover("Prometheus killed", prometheus_dies, "14.2 s"),
    "elector": Failover(f"sidecar killed, back {ABSENT_SECONDS} s after another leads", elector_dies,
                        "17.8 to 19.3 s; two writers for good"),
    "freeze": Failover("sidecar frozen for two leases", freeze, "two writers for 20 to 24 s"),
}
THEIRS = {"crash": their_crash, "stop": their_stop}
