// Drives a coroutine from a test.
#pragma once

#include <exception>
#include <functional>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "core/async/task.h"

namespace promfleet {

// Runs `io` until `body` has ended and nothing is left to do. `body` outlives the run, so it may capture.
inline void run_until_done(asio::io_context& io, const std::function<Task<>()>& body) {
  std::exception_ptr thrown;
  asio::co_spawn(
      io.get_executor(),
      [&body]() -> Task<> {
        co_await asio::this_coro::throw_if_cancelled(false);
        co_await body();
      },
      [&thrown](std::exception_ptr from_body) { thrown = from_body; });
  io.restart();
  io.run();
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace promfleet
