// A clock that tests move by hand.
#pragma once

#include <atomic>

#include "core/os/clock.h"

namespace promfleet {

class SimulatedClock final : public Clock {
 public:
  // Starts at an arbitrary boot time of one hour and the wall time 2026-01-01T00:00:00Z.
  SimulatedClock() = default;

  BootTime now() const override { return now_; }
  WallTime wall_now() const override { return wall_now_; }
  Timer call_at(BootTime when, std::function<void()> wake) override { return queue_.add(when, std::move(wake)); }

  // Moves time on, timer by timer; before each step and at the end, `io` runs until it has nothing to do.
  void advance(asio::io_context& io, Duration duration);

  // A step of the wall clock alone, as by NTP or an operator.
  void step_wall_clock(Duration by) { wall_now_ = wall_now() + by; }

 private:
  void move_to(BootTime when);

  TimerQueue queue_;
  // Read by pool threads too.
  std::atomic<BootTime> now_ = BootTime(std::chrono::hours(1));
  std::atomic<WallTime> wall_now_ = WallTime(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1));
};

}  // namespace promfleet
