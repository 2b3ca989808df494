// The part of a member's status that Prometheus scrapes: who it is in the election, and what its Prometheus runs.
// The first two are prometheus-elector's, by name and label.
//
// Thread safety: none; lives on one io thread.
#pragma once

#include <string>

#include "core/telemetry/metrics.h"
#include "elector/status/view.h"

namespace promfleet::elector {

class StatusMetrics {
 public:
  StatusMetrics(Registry& registry, const std::string& member);

  // To be called before the registry is rendered.
  void show(const StatusView& view) const;

 private:
  Gauge& is_leader_;
  Gauge& last_transition_;
  Gauge& paused_;
  Gauge& reconciled_;
  Gauge& runs_follower_;
  Gauge& runs_leader_;
  Gauge& reload_running_;
};

}  // namespace promfleet::elector
