"""Reads remote write 1.0 requests: snappy's block format around prometheus.WriteRequest.

Formats: google/snappy format_description.txt; protobuf.dev "Encoding"; the Prometheus remote write specification 1.0.
"""
import dataclasses
import struct


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
    return [sample for field, series in _fields(decompress(body)) if field == 1 for sample in _samples(series)]


def decompress(data):
    length, position = _varint(data, 0)
    output = bytearray()
    while position < len(data):
        tag = data[position]
        if tag & 3 == 0:
            position = _copy_literal(data, position, output)
        else:
            position = _copy_earlier(data, position, output)
    if len(output) != length:
        raise ValueError(f"snappy: {len(output)} bytes instead of {length}")
    return bytes(output)


def _copy_literal(data, position, output):
    length = data[position] >> 2
    position += 1
    if length >= 60:
        size = length - 59
        length = int.from_bytes(data[position:position + size], "little")
        position += size
    length += 1
    output += data[position:position + length]
    return position + length


def _copy_earlier(data, position, output):
    tag = data[position]
    if tag & 3 == 1:
        length, offset, size = (tag >> 2 & 7) + 4, (tag >> 5) << 8 | data[position + 1], 2
    else:
        size = 3 if tag & 3 == 2 else 5
        length, offset = (tag >> 2) + 1, int.from_bytes(data[position + 1:position + size], "little")
    start = len(output) - offset
    for index in range(start, start + length):  # byte by byte: a copy may reach into what it writes
        output.append(output[index])
    return position + size


def _samples(series):
    labels, samples = [], []
    for field, value in _fields(series):
        if field == 1:
            parts = dict(_fields(value))
            labels.append((parts.get(1, b"").decode(), parts.get(2, b"").decode()))
        elif field == 2:
            samples.append(dict(_fields(value)))
    return [Sample(tuple(labels), parts.get(2, 0), struct.unpack("<d", parts.get(1, bytes(8)))[0])
            for parts in samples]


def _fields(message):
    """(number, value) of each field; a fixed64 and a length-delimited value are bytes."""
    position = 0
    while position < len(message):
        key, position = _varint(message, position)
        kind = key & 7
        if kind == 0:
            value, position = _varint(message, position)
        elif kind == 1:
            value, position = message[position:position + 8], position + 8
        elif kind == 2:
            length, position = _varint(message, position)
            value, position = message[position:position + length], position + length
        else:
            raise ValueError(f"protobuf: wire type {kind}")
        yield key >> 3, value


def _varint(data, position):
    value = shift = 0
    while True:
        byte = data[position]
        value |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:
            return value, position
