#include "core/async/signal.h"

#include <boost/asio/bind_cancellation_slot.hpp>

namespace promfleet {

Signal::Signal(Executor executor) : timer_(executor, Timer::time_point::max()) {}

void Signal::notify() {
  timer_.cancel();
}

Task<Result<>> Signal::wait() {
  if (co_await cancelled()) co_return fail(Errc::cancelled, "cancelled");
  co_await timer_.async_wait(kAwait);
  if (co_await cancelled()) co_return fail(Errc::cancelled, "cancelled");
  co_return Result<>();
}

Task<> Signal::wait_uncancellable() {
  co_await timer_.async_wait(asio::bind_cancellation_slot(asio::cancellation_slot(), kAwait));
}

}  // namespace promfleet
