// The two clocks of the house, as types that do not mix.
//
// BootTime orders events and carries every deadline: CLOCK_BOOTTIME, which never steps and goes on while the machine
// is suspended. (A hypervisor that stops a virtual machine may stop this clock with it.) WallTime is what people and
// other machines read; nothing is decided by it.
#pragma once

#include <chrono>

namespace promfleet {

using namespace std::chrono_literals;

using Duration = std::chrono::nanoseconds;

struct BootClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock>;
  static constexpr bool is_steady = true;
};

using BootTime = BootClock::time_point;
using WallTime = std::chrono::sys_time<Duration>;

// A deadline that never comes.
inline constexpr BootTime kNever = BootTime::max();

// `time` + `duration`, where that is no later than kNever: for durations that people give, who write "for ever" as the
// longest one.
constexpr BootTime after(BootTime time, Duration duration) {
  if (time > BootTime() && duration > kNever - time) return kNever;
  return time + duration;
}

constexpr double to_seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace promfleet
