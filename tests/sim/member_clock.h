// A member's own clocks: a boot clock that runs up to 5 % fast or slow, and a wall clock that also jumps, and that may
// be coarse.
#pragma once

#include <algorithm>
#include <cmath>

#include "core/base/time.h"
#include "tests/sim/timeline.h"

namespace promfleet::sim {

// What deadlines are read from. `wall` is a planted fault.
enum class ClockSource : std::uint8_t { boot, wall };

class MemberClock {
 public:
  MemberClock(double rate, Duration offset, Duration wall_step, ClockSource source)
      : rate_(rate), offset_(offset), wall_step_(wall_step), source_(source) {}

  WallTime wall(Instant now) const {
    const Duration time = own(now) + wall_jumps_;
    return kEpoch + (time - time % wall_step_);
  }

  BootTime boot(Instant now) {
    if (source_ == ClockSource::boot) return BootTime(own(now) + offset_);
    // The machine asks for times that never fall; a clock that jumped back stands still until it has caught up.
    latest_ = std::max(latest_, BootTime(own(now) + offset_ + wall_jumps_));
    return latest_;
  }

  // The first instant at which the clock shows `time`, if the wall clock does not jump before.
  Instant when(BootTime time) const {
    const Duration jumps = source_ == ClockSource::wall ? wall_jumps_ : Duration::zero();
    const Duration own_time = time.time_since_epoch() - offset_ - jumps;
    return Duration(static_cast<Duration::rep>(std::ceil(static_cast<double>(own_time.count()) / rate_)) + 1);
  }

  void jump_wall_clock(Duration by) { wall_jumps_ += by; }

 private:
  static constexpr WallTime kEpoch = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);

  Duration own(Instant now) const {
    return Duration(static_cast<Duration::rep>(static_cast<double>(now.count()) * rate_));
  }

  double rate_;
  Duration offset_;
  Duration wall_step_;
  ClockSource source_;
  Duration wall_jumps_{0};
  BootTime latest_ = BootTime::min();
};

}  // namespace promfleet::sim
