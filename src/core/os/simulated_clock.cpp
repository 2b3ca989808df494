#include "core/os/simulated_clock.h"

namespace promfleet {

namespace {

void run_until_idle(asio::io_context& io) {
  io.restart();
  io.poll();
}

}  // namespace

void SimulatedClock::advance(asio::io_context& io, Duration duration) {
  const BootTime end = now() + duration;
  run_until_idle(io);
  for (auto next = queue_.next(); next && *next <= end; next = queue_.next()) {
    move_to(std::max(*next, now()));
    queue_.run_due(now());
    run_until_idle(io);
  }
  move_to(end);
}

void SimulatedClock::move_to(BootTime when) {
  step_wall_clock(when - now());
  now_ = when;
}

}  // namespace promfleet
