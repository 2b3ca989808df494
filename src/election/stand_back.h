// How long a member that could lead leaves the lease to others, and why.
#pragma once

#include <optional>

#include "core/base/time.h"
#include "election/events.h"

namespace promfleet::election {

inline constexpr Duration kStandBackMax = std::chrono::minutes(10);

class StandBack {
 public:
  // An operator moved the leadership away from here: until another leads, at most until `until`.
  void until_another_leads(BootTime until) { courtesy_until_ = until; }
  void another_leads() { courtesy_until_ = BootTime::min(); }

  // Rule 7: a leader whose configuration does not load yields, for longer each time that the same content fails again.
  void load_failed(ConfigHash config, BootTime now, Duration first);
  void load_succeeded() { failed_.reset(); }
  void config_changed(ConfigHash config);
  bool has_yielded_for(ConfigHash config) const { return failed_ && failed_->config == config; }

  BootTime until() const { return failed_ ? std::max(failed_->until, courtesy_until_) : courtesy_until_; }

 private:
  struct FailedLoad {
    ConfigHash config;
    Duration back_off;
    BootTime until;
  };

  BootTime courtesy_until_ = BootTime::min();
  std::optional<FailedLoad> failed_;
};

}  // namespace promfleet::election
