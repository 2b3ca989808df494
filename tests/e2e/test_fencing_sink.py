"""The judge's own parts among real ones: the fencing sink, written to by Prometheus, killed and started again, and the
samples that Prometheus says it has."""
import time

import pytest

from lib import remote_write_format, web
from lib.fencing_sink import FencingSink
from lib.gate_fleet import QUEUE
from lib.gate_judge import Evidence, judge
from lib.polling import poll
from lib.processes import Process
from lib.prometheus import start_writer
from lib.remote_read import raw_samples
from lib.series import Sample, bits_of, series_key

GROUP = "ns/prometheus"
# By 3.15: Debian's 2.42 leaves out the header fields that its configuration asks for.
MESSAGES = ["prometheus.WriteRequest", "io.prometheus.write.v2.Request"]


def write(sink, samples, token, stream="s"):
    headers = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy", "X-Promfleet-Group": GROUP,
               "X-Promfleet-Token": str(token), "X-Promfleet-Stream": stream}
    body = remote_write_format.encode([remote_write_format.Sample((("__name__", name),), timestamp_ms, value)
                                       for name, timestamp_ms, value in samples])
    return web.post(sink.write_url, body, headers)


def wait_for_stored(sink, count):
    poll(lambda: sink.totals()["stored"] >= count, 40, f"{count} samples are stored")


@pytest.mark.parametrize("message", MESSAGES)
def test_account_of_a_sink_that_is_killed_often_is_what_prometheus_has(folder, processes, fencing_sink, message):
    assert fencing_sink.fence(GROUP, 7).status == 200
    prometheus = start_writer(folder, processes, {
        "url": fencing_sink.write_url, "protobuf_message": message, "queue_config": QUEUE,
        "headers": {"X-Promfleet-Group": GROUP, "X-Promfleet-Token": "7", "X-Promfleet-Stream": "s"}})
    for round_number in range(1, 5):
        wait_for_stored(fencing_sink, round_number * 600)
        fencing_sink.kill()
        fencing_sink.start()
        assert fencing_sink.show(GROUP)["token"] == 7
    until_ms = int(time.time() * 1000)
    fencing_sink.wait_until_written(GROUP, until_ms)
    account = fencing_sink.account()  # first: what is stored has been scraped
    scraped = {"a": raw_samples(prometheus.url)}
    assert judge(Evidence(account, {7: "a"}, scraped, until_ms=until_ms)) == []


def test_account_is_the_same_after_the_sink_was_killed(fencing_sink):
    fencing_sink.fence(GROUP, 7)
    assert write(fencing_sink, [("up", 1_000, 1.0), ("a_total", 1_000, 5.0)], token=7).status == 204
    assert write(fencing_sink, [("up", 1_000, 1.0), ("up", 2_000, float("inf"))], token=7, stream="t").status == 204
    fencing_sink.fence(GROUP, 9)
    assert write(fencing_sink, [("up", 3_500, 1.0), ("up", 4_500, 1.0)], token=9).status == 204
    assert write(fencing_sink, [("up", 9_000, 1.0)], token=7).status == 412
    account, group = fencing_sink.account(), fencing_sink.show(GROUP)
    fencing_sink.kill()
    fencing_sink.start()
    assert fencing_sink.account() == account and fencing_sink.show(GROUP) == group
    assert group == {"token": 9, "watermarks": {"s": 3_500, "t": 1_000}}
    assert account.series[series_key({"__name__": "up"})] == [
        Sample(1_000, bits_of(1.0), 7), Sample(2_000, bits_of(float("inf")), 7), Sample(4_500, bits_of(1.0), 9)]
    totals = {name: account.totals[name] for name in ("stored", "duplicates", "covered", "unfenced", "refused")}
    assert totals == {"stored": 4, "duplicates": 1, "covered": 1, "unfenced": 0, "refused": {"fenced": 1}}


def test_second_sink_on_the_same_folder_does_not_start(folder, fencing_sink):
    second = FencingSink(folder)
    Process.start(second)
    assert second.wait(30) == 1
    assert fencing_sink.is_running()


REFUSED = {("GET", "/api/v1/write"): 405, ("POST", "/api/v1/fleet/x"): 405, ("GET", "/api/v1/fleet/x/fence"): 405,
           ("POST", "/api/v1/fleet/x/other"): 404, ("GET", "/api/v1/fleet/%zz"): 400, ("GET", "/other"): 404}


def test_requests_that_nobody_may_make_are_refused(fencing_sink):
    answers = {(method, path): web.request(method, fencing_sink.url + path).status for method, path in REFUSED}
    assert answers == REFUSED
