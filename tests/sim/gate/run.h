// One run: a group of members and what they write, mishaps for a while, then calm, in which everything must arrive.
#pragma once

#include <cstdint>

#include "tests/sim/gate/fault.h"
#include "tests/sim/program.h"

namespace promfleet::sim::gate {

// The same seed and fault give the same run.
Verdict run(std::uint64_t seed, Fault fault, Trace::Output trace);

}  // namespace promfleet::sim::gate
