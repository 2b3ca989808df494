"""What the elector asks of a machine: one file to copy, and little memory. Times and CPU are measured by bench/."""
import dataclasses
import struct

import pytest

from lib import peers
from lib.elector import LONG_LEASE
from lib.polling import stays

MB = 1_000_000

ELF_64_LITTLE_ENDIAN = b"\x7fELF\x02\x01"
SEGMENT_DYNAMIC, SEGMENT_INTERPRETER = 2, 3  # the linker's work that is left for the start
SECTION_SYMBOLS = 2


@dataclasses.dataclass
class Elf:
    """An executable's tables, by elf(5): the types of its segments and of its sections."""
    segments: list
    sections: list

    @classmethod
    def read(cls, path):
        image = path.read_bytes()
        assert image.startswith(ELF_64_LITTLE_ENDIAN)
        segments_at, sections_at = struct.unpack_from("<QQ", image, 32)
        segment_bytes, segments, section_bytes, sections = struct.unpack_from("<HHHH", image, 54)
        return cls([struct.unpack_from("<I", image, segments_at + number * segment_bytes)[0]
                    for number in range(segments)],
                   [struct.unpack_from("<I", image, sections_at + number * section_bytes + 4)[0]
                    for number in range(sections)])


def test_binary_is_static_stripped_and_has_at_most_12_mb():
    binary = peers.promfleet()
    elf = Elf.read(binary)
    assert elf.segments and elf.sections
    assert SEGMENT_DYNAMIC not in elf.segments and SEGMENT_INTERPRETER not in elf.segments
    assert SECTION_SYMBOLS not in elf.sections
    assert binary.stat().st_size <= 12 * MB


# The figure is 7 MB, and bench/footprint judges it. What of a file is mapped around a page that is touched depends on the
# kernel and the file system, by more than the difference to it: this is what only a leak or a forgotten buffer exceeds.
IDLE_BYTES_MAX = 8 * MB


@pytest.mark.parametrize("store", ["kubernetes", "file"])
def test_idle_leader_and_follower_stay_small(new_fleet, request, store):
    namespace = request.getfixturevalue("namespace") if store == "kubernetes" else None
    fleet = new_fleet(namespace=namespace, flags=LONG_LEASE).start(2)
    stays(lambda: all(replica.elector.rss_bytes() <= IDLE_BYTES_MAX for replica in fleet.replicas), 3,
          "leader and follower have at most 8 MB")
    assert fleet.leader().has_queue()
