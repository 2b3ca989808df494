// Wakes tasks that wait for a condition to change: the condition variable of one io thread.
//
//   while (!ready_) CO_TRY(co_await changed_.wait());
//
// A notification without a waiter is lost, so the condition is always tested first; on one thread nothing can happen
// between the test and the wait.
//
// Thread safety: none.
#pragma once

#include "core/async/task.h"
#include "core/base/time.h"

#include <boost/asio/basic_waitable_timer.hpp>

namespace promfleet {

class Signal {
 public:
  explicit Signal(Executor executor);

  // Wakes all that wait now.
  void notify();

  // Errc::cancelled when the task was cancelled.
  Task<Result<>> wait();

  // For clean-up that must go on in a cancelled task.
  Task<> wait_uncancellable();

 private:
  // A timer that never fires by itself: cancelling it is the notification.
  using Timer =
      asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;
  Timer timer_;
};

}  // namespace promfleet
