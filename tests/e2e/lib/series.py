"""Series and samples as tests compare them: values by their bits, since a stale marker is one NaN of many."""
import dataclasses
import struct

STALE_MARKER = "7ff0000000000002"


@dataclasses.dataclass(frozen=True, slots=True)
class Sample:
    timestamp_ms: int
    bits: str             # 16 hexadecimal digits
    token: int | None = None  # of the term that stored it

    @property
    def value(self):
        return struct.unpack(">d", bytes.fromhex(self.bits))[0]

    @property
    def is_stale_marker(self):
        return self.bits == STALE_MARKER


def bits_of(value):
    return struct.pack(">d", value).hex()


def series_key(labels, without=()):
    """The labels in the order of their names, but for those in `without`: a dictionary's key."""
    return tuple(sorted((name, value) for name, value in dict(labels).items() if name not in without))


def name_of(key):
    return dict(key).get("__name__", "")


def describe(key):
    labels = ",".join(f'{name}="{value}"' for name, value in key if name != "__name__")
    return f"{name_of(key)}{{{labels}}}"
