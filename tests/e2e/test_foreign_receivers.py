"""The receivers that know no fence: each gives back what a real Prometheus has written to it."""
import math
import time

import pytest

from lib.foreign_receivers import RECEIVERS
from lib.polling import poll
from lib.prometheus import start_writer
from lib.remote_read import raw_samples
from lib.series import describe


@pytest.mark.parametrize("name", RECEIVERS)
def test_receiver_gives_back_what_prometheus_wrote(folder, processes, name):
    receiver = RECEIVERS[name](folder / "receiver")
    processes.append(receiver)
    receiver.start()
    # One shard: what is stored of a moment is stored of all before.
    queue = {"batch_send_deadline": "200ms", "min_shards": 1, "max_shards": 1}
    writer = start_writer(folder, processes, {"url": receiver.write_url, "queue_config": queue})
    until_ms = int((time.time() + 3) * 1000)
    stored = poll(lambda: _reaches(until_ms, receiver.stored()), 40, "a few scrapes are stored")
    found, expected = _numbers(stored, until_ms), _numbers(raw_samples(writer.url), until_ms)
    assert set(found) == set(expected)
    for key, samples in expected.items():
        assert found[key] == pytest.approx(samples), describe(key)


def _numbers(series, until_ms):
    """{series_key: {timestamp_ms: value}}. VictoriaMetrics does not give back what is no number."""
    numbers = {key: {sample.timestamp_ms: sample.value for sample in samples
                     if sample.timestamp_ms <= until_ms and not math.isnan(sample.value)}
               for key, samples in series.items()}
    return {key: samples for key, samples in numbers.items() if samples}


def _reaches(until_ms, stored):
    times = [sample.timestamp_ms for key, samples in stored.items() for sample in samples if ("__name__", "up") in key]
    return stored if times and max(times) > until_ms + 1_000 else None
