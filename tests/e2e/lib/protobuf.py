"""Protobuf's wire format, as far as Prometheus' messages need it. Source: protobuf.dev "Encoding"."""


def fields(encoded):
    """(number, value) of each field; a fixed64 and a length-delimited value are bytes."""
    position = 0
    while position < len(encoded):
        key, position = varint_at(encoded, position)
        kind = key & 7
        if kind == 0:
            value, position = varint_at(encoded, position)
        elif kind == 1:
            value, position = encoded[position:position + 8], position + 8
        elif kind == 2:
            length, position = varint_at(encoded, position)
            value, position = encoded[position:position + length], position + length
        else:
            raise ValueError(f"protobuf: wire type {kind}")
        yield key >> 3, value


def varint_at(data, position):
    value = shift = 0
    while True:
        byte = data[position]
        value |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if byte < 0x80:
            return value, position


def message(number, encoded):
    """A field that holds a message, a string or bytes."""
    return encode_varint(number << 3 | 2) + encode_varint(len(encoded)) + encoded


def integer(number, value):
    return encode_varint(number << 3) + encode_varint(value)


def fixed64(number, encoded):
    return encode_varint(number << 3 | 1) + encoded


def encode_varint(value):
    """Of a negative number the two's complement of 64 bits."""
    value &= 2**64 - 1
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
