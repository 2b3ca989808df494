"""A follower that holds for a Prometheus of 100,000 series at 15 s, and what happens when it is promoted: how much the
receiver has already, and how long it takes to send that. The gates' lateness is the product's own.
"""
import dataclasses
import signal
import time

from cpu import cpu_seconds
from lib.fencing_sink import FencingSink
from lib.fleet import DEFAULT_PERIODS
from lib.polling import poll
from lib.processes import end_all
from members import GateMembers, logged_ms, term_of, wait_until_holding
from pass_through import start_stand_in

SERIES, SCRAPE_SECONDS, LATENESS_SECONDS = 100_000, 15, 90
FULL_SECONDS = LATENESS_SECONDS + 2 * SCRAPE_SECONDS  # from then on a follower holds as much as it ever does
BATCH_SAMPLES = 2_000  # what is less, Prometheus keeps for batch_send_deadline, or until the next scrape fills it
FIRST_SECONDS_MAX = 60
STORED_SECONDS_MAX, WATCH_SECONDS = 60, 0.02
RSS_MB_MAX, COVERED_SECONDS_MAX = 40, 3


def measure(figures, running, folder, _server):
    target = start_stand_in("target", folder, running, SERIES)
    sink = FencingSink(folder)
    running.callback(end_all, [sink])
    sink.start()
    job = {"job_name": "large", "static_configs": [{"targets": [target.removeprefix("http://")]}],
           "fallback_scrape_protocol": "PrometheusText0.0.4"}
    members = GateMembers(folder, write_url=sink.write_url, flags=DEFAULT_PERIODS, scrape={
        "global": {"scrape_interval": f"{SCRAPE_SECONDS}s"}, "scrape_configs": [job]})
    running.callback(members.stop)
    leader = members.start(2).leader(60)
    follower = next(replica for replica in members.replicas if replica is not leader)
    poll(lambda: sink.totals()["stored"] > SERIES, FIRST_SECONDS_MAX, "the first page has arrived")
    print(f"filling a follower for {FULL_SECONDS} s", flush=True)
    time.sleep(FULL_SECONDS)
    wait_until_holding(follower)
    assert leader.elector.is_leader(), "the leader lost its lease while nothing happened"
    judge_memory(figures, follower)
    promote(figures, sink, leader, follower)


def judge_memory(figures, follower):
    peak_mb, now_mb = follower.elector.rss_peak_bytes() / 1e6, follower.elector.rss_bytes() / 1e6
    figures.judge(f"RSS of a follower that holds for {SERIES:,} series", f"{RSS_MB_MAX} MB",
                  f"{now_mb:.1f} MB, at most {peak_mb:.1f} MB", is_met=peak_mb <= RSS_MB_MAX)


def promote(figures, sink, leader, follower):
    busy = {"gate": follower.elector, "Prometheus": follower.prometheus, "receiver": sink}
    idle_until = {name: cpu_seconds(process.pid) for name, process in busy.items()}
    began_ms = time.time() * 1000
    leader.elector.signal(signal.SIGTERM)
    term, seen = watch(sink, follower, busy, began_ms)
    promoted_ms = logged_ms(follower, 'msg="begins to lead"', began_ms)
    sent = next(each for each in seen if each.covered > term["covered"] - BATCH_SAMPLES)
    covered_seconds = (min(sent.at_ms, term["first_stored_unix_ms"]) - promoted_ms) / 1000
    took = ", ".join(f"{name} {sent.cpu_seconds[name] - idle_until[name]:.2f} s" for name in busy)
    stored_seconds = (term["first_stored_unix_ms"] - promoted_ms) / 1000
    figures.judge(f"covered samples sent before the first new one, {SERIES:,} series at {SCRAPE_SECONDS} s",
                  f"{COVERED_SECONDS_MAX} s", f"{covered_seconds:.2f} s for {term['covered']:,}; CPU: {took}",
                  is_met=covered_seconds <= COVERED_SECONDS_MAX)
    figures.report(f"promotion to the first new sample stored, {SERIES:,} series at {SCRAPE_SECONDS} s",
                   f"{stored_seconds:.2f} s; a scrape is due each {SCRAPE_SECONDS} s")
    figures.keep("promotion", {"promoted_unix_ms": promoted_ms, "term": term,
                               "seen": [dataclasses.asdict(each) for each in seen]})


@dataclasses.dataclass
class Seen:
    """How far the sending was: samples, when the last of them came in Unix milliseconds, and what it had cost."""
    covered: int
    at_ms: float
    cpu_seconds: dict


def watch(sink, follower, busy, began_ms):
    """The follower's term once something new is stored, and what was seen of it until then."""
    number = term_of(sink, follower, "first_accepted_unix_ms", began_ms)["token"]
    deadline, seen = time.monotonic() + STORED_SECONDS_MAX, []
    while time.monotonic() < deadline:
        term = next(term for term in sink.totals()["terms"] if term["token"] == number)
        seen.append(Seen(term["covered"], term["last_accepted_unix_ms"],
                         {name: cpu_seconds(process.pid) for name, process in busy.items()}))
        if term["stored"]:
            return term, seen
        time.sleep(WATCH_SECONDS)
    raise AssertionError(f"nothing new was stored within {STORED_SECONDS_MAX} s")
