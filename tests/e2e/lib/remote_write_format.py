"""Reads and writes remote write 1.0 requests: snappy around prometheus.WriteRequest.

Format: the Prometheus remote write specification 1.0.
"""
import dataclasses
import struct

from lib import snappy
from lib.protobuf import fields, fixed64, integer, message


@dataclasses.dataclass(frozen=True)
class Sample:
    labels: tuple  # of (name, value), as sent
    timestamp_ms: int
    value: float

    @property
    def name(self):
        return dict(self.labels).get("__name__", "")


def decode(body):
    """Every sample of a compressed WriteRequest; histograms, exemplars and metadata are passed over."""
    return [sample for field, series in fields(snappy.decompress(body)) if field == 1 for sample in _samples(series)]


def encode(samples):
    """A compressed WriteRequest in which each sample is a series of its own."""
    return snappy.compress(b"".join(message(1, _encode_series(sample)) for sample in samples))


def _samples(series):
    labels, samples = [], []
    for field, value in fields(series):
        if field == 1:
            parts = dict(fields(value))
            labels.append((parts.get(1, b"").decode(), parts.get(2, b"").decode()))
        elif field == 2:
            samples.append(dict(fields(value)))
    return [Sample(tuple(labels), parts.get(2, 0), struct.unpack("<d", parts.get(1, bytes(8)))[0])
            for parts in samples]


def _encode_series(sample):
    labels = b"".join(message(1, message(1, name.encode()) + message(2, value.encode()))
                      for name, value in sample.labels)
    return labels + message(2, fixed64(1, struct.pack("<d", sample.value)) + integer(2, sample.timestamp_ms))
