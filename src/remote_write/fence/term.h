// Which term of leadership a write belongs to.
#pragma once

#include <cstdint>

#include "core/base/strong_id.h"

namespace promfleet::remote_write {

// A number from 1 that grows with each term of a group, as long as the lease's store stays the same one.
using FencingToken = StrongId<struct FencingTokenTag>;

// With another store tokens begin again, in another generation. Terms are equal or they are not; a later one need not
// have the larger token.
struct Term {
  std::uint32_t generation = 0;
  FencingToken token;

  bool operator==(const Term&) const = default;
};

}  // namespace promfleet::remote_write
