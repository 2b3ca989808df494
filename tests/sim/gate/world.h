// What all processes of a run of the gate share.
#pragma once

#include "tests/sim/gate/fault.h"
#include "tests/sim/gate/judge.h"
#include "tests/sim/gate/targets.h"
#include "tests/sim/world.h"

namespace promfleet::sim::gate {

struct World : Stage {
  const Weather& receiver_weather;  // between members and the receiver
  const Profile& profile;
  const Targets& targets;
  Judge& judge;
  std::size_t streams;  // that each Prometheus writes to its gate
  Fault fault;
};

}  // namespace promfleet::sim::gate
