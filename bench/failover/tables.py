"""From the outcomes of all failovers to figures with targets."""
import dataclasses
import statistics

from failovers import OURS, THEIRS
from lib.contender import PROGRAMS
from ours import NAME

CRASH_TARGET_SECONDS, STOP_TARGET_SECONDS = 0.2, 0.1
NEVER_BOTH = ("stop", "restart", "cut-off")  # the sidecar runs, or is restarted in time, and the remote answers


class Outcomes:
    def __init__(self):
        self.of = {}        # (side, failover) -> [Outcome]
        self.requests = {}  # side -> requests a minute, the leader's first
        self.failures = []  # (what, why)

    def add(self, side, failover, outcome):
        self.of.setdefault((side, failover), []).append(outcome)

    def failed(self, what, why):
        self.failures.append((what, why))

    def values(self, side, failover, field):
        """Every one that applies."""
        values = [getattr(outcome, field) for outcome in self.of.get((side, failover), [])]
        return [value for value in values if value is not None]


def fill(figures, outcomes):
    _judge_crash(figures, outcomes)
    _judge_stop(figures, outcomes)
    _judge_both(figures, outcomes)
    _judge_requests(figures, outcomes)
    for what, why in outcomes.failures:
        figures.not_measured(what, why)
    figures.table("Each failover, leases of 15/10/2 s; median, in brackets lowest and highest. Lost and doubled are "
                  "scrapes of 1 s at the receiver; prometheus-elector's figures are from an earlier measurement",
                  ["Failover", "Member of", "n", "Next leader after", "Two loaded", "Lost", "Doubled",
                   "prometheus-elector"], list(_rows(outcomes)))
    figures.keep("failovers", {f"{side} {failover}": list(map(dataclasses.asdict, found))
                               for (side, failover), found in outcomes.of.items()})
    figures.keep("requests_a_minute", outcomes.requests)


def _judge_crash(figures, outcomes):
    overheads = outcomes.values(NAME, "crash", "overhead")
    if overheads:
        total = _seconds(outcomes.values(NAME, "crash", "next_after"))
        figures.judge("leader and its Prometheus killed: next leader's configuration loaded",
                      "expiry + reload + 200 ms",
                      f"expiry + reload + {_ms(overheads)}; in all {total}; {_theirs(outcomes, 'crash')}",
                      is_met=max(overheads) <= CRASH_TARGET_SECONDS)


def _judge_stop(figures, outcomes):
    overheads = outcomes.values(NAME, "stop", "overhead")
    if overheads:
        figures.judge("SIGTERM of the sidecar: next leader active, reloads taken out", "100 ms",
                      f"{_ms(overheads)}; {_theirs(outcomes, 'stop')}", is_met=max(overheads) <= STOP_TARGET_SECONDS)


def _theirs(outcomes, failover):
    return "; ".join(f"{_member_of(version)}: {_seconds(outcomes.values(version, failover, 'next_after'))}"
                     for version in PROGRAMS)


def _judge_both(figures, outcomes):
    found = [value for failover in NEVER_BOTH for value in outcomes.values(NAME, failover, "both_loaded")]
    if found:
        figures.judge("two Prometheus with the leader's configuration, the sidecar running or back before the expiry",
                      "0 ms", f"{max(found) * 1000:.0f} ms in {len(found)} failovers", is_met=max(found) == 0)


def _judge_requests(figures, outcomes):
    if NAME in outcomes.requests:
        means = {side: statistics.mean(counts) for side, counts in outcomes.requests.items()}
        theirs = min(mean for side, mean in means.items() if side != NAME)
        figures.judge("API requests a member and minute", "client-go's",
                      "; ".join(f"{_member_of(side)}: {mean:.1f} (leader {outcomes.requests[side][0]:.0f})"
                                for side, mean in means.items()), is_met=means[NAME] <= theirs)


def _rows(outcomes):
    for failover, kind in OURS.items():
        for side in (NAME, *(PROGRAMS if failover in THEIRS else ())):
            found = outcomes.of.get((side, failover))
            if found:
                yield [kind.what, _member_of(side), len(found), _seconds(outcomes.values(side, failover, "next_after")),
                       _seconds(outcomes.values(side, failover, "both_loaded")),
                       _count(outcomes.values(side, failover, "lost")),
                       _count(outcomes.values(side, failover, "doubled")), kind.go_elector if side == NAME else ""]


def _member_of(side):
    return NAME if side == NAME else f"client-go {side}"


def _seconds(values):
    return _spread(values, "{:.2f}", "s")


def _ms(values):
    return _spread([value * 1000 for value in values], "{:.0f}", "ms")


def _count(values):
    return _spread(values, "{:.0f}", "").strip()


def _spread(values, form, unit):
    if not values:
        return "-"
    middle, low, high = map(form.format, (statistics.median(values), min(values), max(values)))
    return f"{middle} {unit}" if low == high else f"{middle} {unit} [{low}, {high}]".replace("  ", " ")
