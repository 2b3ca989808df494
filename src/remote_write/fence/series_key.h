// Which series it is: 128 bits of XXH3 over its labels, in place of a copy of them.
//
// Among ten million series the chance that any two share a key is 10^-25. Two that do count as one: of those samples
// that are not later than the other's last, none is stored. XXH3 withstands no one who looks for such labels, and who
// does harms only the group that it may write to anyway.
#pragma once

#include <cstdint>
#include <span>

#include "codec/remote_write/write_request.h"

namespace promfleet::remote_write {

struct SeriesKey {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  bool operator==(const SeriesKey&) const = default;
};

// Of labels in the order of their names. What is hashed: of each label the lengths of name and value, 32 bits each,
// lowest byte first, then both; so a key may be kept on disk.
SeriesKey series_key(std::span<const Label> labels);

}  // namespace promfleet::remote_write
