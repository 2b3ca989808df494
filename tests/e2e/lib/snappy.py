"""Snappy's block format. Source: google/snappy format_description.txt."""
from lib.protobuf import encode_varint, varint_at


def compress(data):
    """As one literal: valid, and no smaller."""
    literal = b"\xfc" + (len(data) - 1).to_bytes(4, "little") + data if data else b""
    return encode_varint(len(data)) + literal


def repeat(unit, count):
    """The unit, of at most 60 bytes, so many times: in a twentieth of the bytes."""
    copy = b"\xfe" + len(unit).to_bytes(2, "little")
    rest = len(unit) * (count - 1)
    last = bytes([(rest % 64 - 1) << 2 | 2]) + copy[1:] if rest % 64 else b""
    return encode_varint(len(unit) * count) + bytes([(len(unit) - 1) << 2]) + unit + copy * (rest // 64) + last


def decompress(data):
    length, position = varint_at(data, 0)
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
    piece = output[start:start + length]
    while len(piece) < length:  # a copy may reach into what it writes
        piece += piece[:length - len(piece)]
    output += piece
    return position + size
