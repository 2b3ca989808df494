// The process_* metrics that every Prometheus client exports (CPU, memory, file descriptors, start time), from
// /proc/self.
#pragma once

#include "core/os/clock.h"
#include "core/telemetry/metrics.h"

namespace promfleet {

// Registers them; they are read at each rendering. `clock` gives the start time.
void register_process_metrics(Registry& registry, const Clock& clock);

}  // namespace promfleet
