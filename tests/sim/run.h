// One run: a group of members, mishaps for a while, then calm, in which someone must come to lead.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/sim/mutant.h"
#include "tests/sim/trace.h"

namespace promfleet::sim {

struct Verdict {
  std::optional<std::string> violation;
  Instant ended_at{0};
  int terms = 0;
};

// The same seed and fault give the same run.
Verdict run(std::uint64_t seed, Fault fault, Trace::Output trace);

}  // namespace promfleet::sim
