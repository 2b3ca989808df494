// What all processes of a run share.
#pragma once

#include "election/simulated_lease.h"
#include "tests/sim/chance.h"
#include "tests/sim/judge.h"
#include "tests/sim/network.h"
#include "tests/sim/timeline.h"
#include "tests/sim/trace.h"

namespace promfleet::sim {

// Whatever is simulated.
struct Stage {
  Timeline& timeline;
  Chance& chance;
  const Weather& weather;  // between members and the lease store
  election::SimulatedLease& lease;
  const Trace& trace;
};

struct World : Stage {
  Judge& judge;
};

}  // namespace promfleet::sim
