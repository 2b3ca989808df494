"""What a leader's gate takes to pass a request on: CPU time, and how much later the answer comes."""
import http.client
import itertools
import pathlib
import statistics
import subprocess
import sys
import time
import urllib.parse

from cpu import cpu_seconds
from lib import peers, web
from lib.fleet import DEFAULT_PERIODS
from lib.polling import poll
from lib.ports import free_port
from lib.processes import Process, end_all
from members import GateMembers
from timed_body import TimedBody

ROUNDS, REQUESTS, WARM_UP_REQUESTS = 10, 100, 20
SAMPLES = 2000
CPU_US_MAX, ADDED_MS_MAX = 0.15, 2
STAND_INS = pathlib.Path(__file__).with_name("stand_ins.py")
HEADERS = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy",
           "X-Prometheus-Remote-Write-Version": "0.1.0"}


def measure(figures, running, folder, _server):
    receiver = start_stand_in("receiver", folder, running)
    url = f"{receiver}/api/v1/write"
    members = GateMembers(folder, write_url=url, scrape={}, prometheus="fake", flags=DEFAULT_PERIODS)
    running.callback(members.stop)
    leader = members.start(1).leader()
    writers = {"gate": Writer(leader.write_url), "direct": Writer(url)}
    bodies = later_and_later()
    costs_us, seconds = [], {name: [] for name in writers}
    write_in_turn(writers, list(itertools.islice(bodies, WARM_UP_REQUESTS)))
    for number in range(ROUNDS):
        batch = list(itertools.islice(bodies, REQUESTS))
        before = cpu_seconds(leader.elector.pid)
        took = write_in_turn(writers, batch)
        costs_us.append((cpu_seconds(leader.elector.pid) - before) / (REQUESTS * SAMPLES) * 1e6)
        for name, times in took.items():
            seconds[name] += times
        print(f"round {number + 1}/{ROUNDS}  {costs_us[-1]:.3f} us a sample, median through the gate "
              f"{1000 * statistics.median(took['gate']):.2f} ms, directly "
              f"{1000 * statistics.median(took['direct']):.2f} ms", flush=True)
    fill(figures, costs_us, seconds)


def start_stand_in(what, folder, running, *arguments):
    """Its URL, once it serves."""
    port = free_port()
    process = Process([sys.executable, STAND_INS, what, port, *arguments], folder / f"{what}.log").start()
    running.callback(end_all, [process])
    url = f"http://127.0.0.1:{port}"
    poll(lambda: web.get(url), 30, f"the {what} serves\n{process.log()}")
    return url


def later_and_later():
    """Requests, endless, each a millisecond after the one before."""
    command = [peers.peer("remote-write-codec-1", "remote-write-codec"), "node-exporter", "-series", str(SAMPLES)]
    body = TimedBody(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    assert body.samples == SAMPLES, f"{body.samples} samples"
    return body.from_time(int(time.time() * 1000) - 60_000)


class Writer:
    """One connection that is kept, as Prometheus' queue has it."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self._path = parts.path
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)

    def write(self, body):
        """How long it took, in seconds."""
        began = time.perf_counter()
        self._connection.request("POST", self._path, body, HEADERS)
        answer = self._connection.getresponse()
        text = answer.read()
        took = time.perf_counter() - began
        assert answer.status == 204, f"{answer.status} {text.decode(errors='replace')}"
        return took


def write_in_turn(writers, bodies):
    took = {name: [] for name in writers}
    for body in bodies:
        for name, writer in writers.items():
            took[name].append(writer.write(body))
    return took


def fill(figures, costs_us, seconds):
    figures.judge(f"pass-through CPU a sample, {SAMPLES:,} samples a request", f"{CPU_US_MAX} us",
                  f"{statistics.median(costs_us):.3f} us [{min(costs_us):.3f}, {max(costs_us):.3f}], n={ROUNDS}",
                  is_met=max(costs_us) <= CPU_US_MAX)
    p99_ms = {name: percentile_ms(times, 99) for name, times in seconds.items()}
    median_ms = {name: percentile_ms(times, 50) for name, times in seconds.items()}
    added = p99_ms["gate"] - p99_ms["direct"]
    figures.judge("pass-through latency added, p99", f"{ADDED_MS_MAX} ms",
                  f"{added:.2f} ms ({p99_ms['gate']:.2f} ms, directly {p99_ms['direct']:.2f} ms; median "
                  f"{median_ms['gate']:.2f} ms, directly {median_ms['direct']:.2f} ms), n={len(seconds['gate'])}",
                  is_met=added <= ADDED_MS_MAX)
    figures.keep("pass_through_us_a_sample", costs_us)
    figures.keep("pass_through_seconds", seconds)


def percentile_ms(times, percent):
    return statistics.quantiles(times, n=100)[percent - 1] * 1000
