// What all processes of a run share.
#pragma once

#include "election/simulated_lease.h"
#include "tests/sim/chance.h"
#include "tests/sim/judge.h"
#include "tests/sim/network.h"
#include "tests/sim/timeline.h"
#include "tests/sim/trace.h"

namespace promfleet::sim {

struct World {
  Timeline& timeline;
  Chance& chance;
  const Weather& weather;
  election::SimulatedLease& lease;
  Judge& judge;
  const Trace& trace;
};

}  // namespace promfleet::sim
