"""A request that a Prometheus' own encoder made, again and again at a later time.

Compressing a body of 2,000 series takes Python seconds. But what a snappy block copies from where mostly stays right
if all times are moved alike; so only the literals are replaced, and times with which that is not enough are left out.
"""
from lib import remote_write_format, snappy
from lib.protobuf import integer, varint_at


class TimedBody:
    def __init__(self, block):
        """`block`: a compressed WriteRequest of 1.0."""
        samples = remote_write_format.decode(block)
        self.samples = len(samples)
        self._block, self._raw = block, snappy.decompress(block)
        self._times_ms = {sample.timestamp_ms for sample in samples}
        self._literals = list(_literals(block))
        found = sum(self._raw.count(integer(2, time_ms)) for time_ms in self._times_ms)
        if found != self.samples:
            raise ValueError(f"{found} times in {self.samples} samples")

    def from_time(self, oldest_ms):
        """Endless: bodies whose oldest sample is of that time or later, each later than the one before."""
        while True:
            block, raw = self._moved_by(oldest_ms - min(self._times_ms))
            if snappy.decompress(block) == raw:
                yield block
            oldest_ms += 1

    def _moved_by(self, difference_ms):
        raw, block = self._raw, bytearray(self._block)
        later_first = sorted(self._times_ms, reverse=difference_ms > 0)  # none is replaced by one that is there still
        for time_ms in later_first:
            raw = raw.replace(integer(2, time_ms), integer(2, time_ms + difference_ms))
        for at, of, length in self._literals:
            block[at:at + length] = raw[of:of + length]
        return bytes(block), raw


def _literals(block):
    """(position in the block, position in what it stands for, length) of each. Format: lib.snappy."""
    _, position = varint_at(block, 0)
    output = 0
    while position < len(block):
        tag = block[position]
        if tag & 3:
            length = (tag >> 2 & 7) + 4 if tag & 3 == 1 else (tag >> 2) + 1
            position += (0, 2, 3, 5)[tag & 3]
        else:
            size = max(0, (tag >> 2) - 59)
            length = int.from_bytes(block[position + 1:position + 1 + size], "little") if size else tag >> 2
            length, position = length + 1, position + 1 + size
            yield position, output, length
            position += length
        output += length
