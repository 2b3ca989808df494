// Time, injected: tests advance a simulated clock, so none of them sleeps.
//
// Thread safety: none; a clock's timers belong to one io thread. now() and wall_now() may be called anywhere.
#pragma once

#include <functional>

#include "core/async/signal.h"
#include "core/async/task.h"
#include "core/base/time.h"
#include "core/os/timer_queue.h"

namespace promfleet {

class Clock {
 public:
  virtual ~Clock() = default;

  virtual BootTime now() const = 0;
  virtual WallTime wall_now() const = 0;

  // Calls `wake` once on the io thread, at or after `when` and never from inside this call. Destroying the timer
  // cancels it. kNever: no call.
  [[nodiscard]] virtual Timer call_at(BootTime when, std::function<void()> wake) = 0;
};

// Errc::cancelled when the task was cancelled before `when`.
Task<Result<>> sleep_until(Clock& clock, BootTime when);
Task<Result<>> sleep_for(Clock& clock, Duration duration);

// Returns when `signal` is notified or `when` has come, whichever is first; the caller tests its condition again.
// Notifies `signal` itself at `when`: for signals that one task waits for.
Task<Result<>> wait_until(Signal& signal, Clock& clock, BootTime when);

}  // namespace promfleet
