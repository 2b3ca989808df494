// The machine's clock, on one io thread: one timerfd on CLOCK_BOOTTIME serves every timer.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>

#include "core/os/clock.h"

namespace promfleet {

class SystemClock final : public Clock {
 public:
  // The io thread's own. Every timer and the tasks that wait for one end before it does.
  explicit SystemClock(asio::io_context& io);

  BootTime now() const override;
  WallTime wall_now() const override;
  Timer call_at(BootTime when, std::function<void()> wake) override;

 private:
  void arm();
  void wait_for_fire();

  TimerQueue queue_;
  asio::posix::basic_stream_descriptor<Executor> timer_;
  BootTime armed_for_ = kNever;
  bool waiting_ = false;
};

}  // namespace promfleet
