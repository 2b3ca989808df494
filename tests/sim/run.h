// One run: a group of members, mishaps for a while, then calm, in which someone must come to lead.
#pragma once

#include <cstdint>

#include "tests/sim/mutant.h"
#include "tests/sim/program.h"

namespace promfleet::sim {

// The same seed and fault give the same run.
Verdict run(std::uint64_t seed, Fault fault, Trace::Output trace);

}  // namespace promfleet::sim
