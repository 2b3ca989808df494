// Threads for work that would hold up an io thread: bcrypt, fsync, name resolution, compression of large bodies.
//
//   const bool matches = co_await pool.run([&] { return bcrypt_matches(password, hash); });
//
// Thread safety: run() may be called from any io thread. The function runs on a pool thread and must touch only what
// it owns or what outlives the await; the task goes on where it came from. A run cannot be cancelled: it is awaited.
#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include "core/async/task.h"

namespace promfleet {

class CpuPool {
 public:
  // 0 threads: functions run at once where they are asked for, which tests with a simulated clock need.
  explicit CpuPool(std::size_t threads) : has_threads_(threads > 0), pool_(threads) {}
  // Waits for the functions that run; tasks that wait for one must have been joined before.
  ~CpuPool() { pool_.join(); }

  template <std::invocable F>
    requires(!std::is_void_v<std::invoke_result_t<F>>)
  Task<std::invoke_result_t<F>> run(F function) {
    if (!has_threads_) co_return function();
    std::optional<std::invoke_result_t<F>> result;
    const auto work = [&result, &function] { result.emplace(function()); };
    co_await start(work);
    co_return *std::move(result);
  }

 private:
  template <class Work>
  auto start(const Work& work) {
    return asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(
        [this, &work](auto handler) {
          auto home = asio::get_associated_executor(handler);
          asio::post(pool_, [&work, handler = std::move(handler), keep_home = asio::make_work_guard(home)]() mutable {
            work();
            auto back = keep_home.get_executor();
            asio::post(back, std::move(handler));
          });
        },
        kToken);
  }

  static constexpr asio::use_awaitable_t<Executor> kToken{};
  bool has_threads_;
  asio::thread_pool pool_;
};

}  // namespace promfleet
