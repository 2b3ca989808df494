#include "core/os/clock.h"

#include "core/base/try.h"

namespace promfleet {

Task<Result<>> sleep_until(Clock& clock, BootTime when) {
  Signal due(co_await asio::this_coro::executor);
  bool is_due = false;
  const Timer timer = clock.call_at(when, [&] {
    is_due = true;
    due.notify();
  });
  while (!is_due) CO_TRY(co_await due.wait());
  co_return Result<>();
}

Task<Result<>> sleep_for(Clock& clock, Duration duration) {
  return sleep_until(clock, after(clock.now(), duration));
}

Task<Result<>> wait_until(Signal& signal, Clock& clock, BootTime when) {
  const Timer timer = clock.call_at(when, [&signal] { signal.notify(); });
  co_return co_await signal.wait();
}

}  // namespace promfleet
