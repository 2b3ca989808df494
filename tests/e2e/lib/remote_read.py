"""Every raw sample that a Prometheus has, by its remote read API: stale markers too, which queries leave out.

Format: prometheus prompb/remote.proto and types.proto; the answer is of type SAMPLES.
"""
import struct

from lib import snappy, web
from lib.protobuf import fields, integer, message
from lib.series import Sample, series_key

_MATCHES = 2  # a regular expression
_EVERYTHING = message(1, integer(1, 0) + integer(2, 2**53) + message(
    3, integer(1, _MATCHES) + message(2, b"__name__") + message(3, b".+")))


def raw_samples(url, *, without=()):
    """{series_key: [Sample, ...]}; labels in `without` are left away."""
    headers = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy",
               "X-Prometheus-Remote-Read-Version": "0.1.0"}
    answer = web.post(url + "/api/v1/read", snappy.compress(_EVERYTHING), headers, timeout_seconds=60)
    assert answer.status == 200, answer.text()
    series = {}
    for _, result in fields(snappy.decompress(answer.body)):
        for _, one in fields(result):
            key, samples = _series(one, without)
            series.setdefault(key, []).extend(samples)
    return series


def _series(encoded, without):
    labels, samples = {}, []
    for field, value in fields(encoded):
        parts = dict(fields(value))
        if field == 1:
            labels[parts[1].decode()] = parts.get(2, b"").decode()
        elif field == 2:
            bits = struct.pack(">Q", struct.unpack("<Q", parts.get(1, bytes(8)))[0]).hex()
            samples.append(Sample(parts.get(2, 0), bits))
    return series_key(labels, without), samples
