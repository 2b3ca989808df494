// The three durations of an election, checked to fit one another before anything uses them.
#pragma once

#include <algorithm>

#include "core/base/error.h"
#include "core/base/time.h"

namespace promfleet::election {

// What a record may ask of a follower. A hand-edited duration of 300 years costs an hour, one of zero a second.
inline constexpr std::chrono::seconds kLeaseDurationMin{1};
inline constexpr std::chrono::seconds kLeaseDurationMax{3600};

struct Timing {
  // How long a leader's last sign of life keeps the others away.
  std::chrono::seconds lease_duration{15};
  // How long a renewal gives authority, counted from its sending. What is left of the lease is for the demotion.
  Duration renew_deadline{10s};
  // From a failed call to its repetition, and from one renewal to the next.
  Duration retry_period{2s};

  // Errc::invalid_input with a sentence that names the two durations that do not fit and what would.
  static Result<Timing> create(Duration lease_duration, Duration renew_deadline, Duration retry_period);

  // From one renewal to the next. Not more than one a second, since client-go's followers see only whole seconds.
  Duration renew_period() const { return std::min(std::max(retry_period, Duration(1s)), renew_deadline / 2); }

  // A follower that has heard nothing for this long asks. A living leader renews earlier, so that with a watch there is
  // nothing to ask; without one this is the polling period.
  Duration poll_period() const { return renew_period() * 3 / 2; }

  // How long a deleted lease is left to the leader, who creates it again at its next renewal.
  Duration recreate_grace() const { return renew_period() * 2; }
};

}  // namespace promfleet::election
