// Task<T>: a coroutine that runs on one io thread.
//
// Own operations never throw for what the world does: they return Result, with Errc::cancelled once the scope that the
// task belongs to was cancelled. So a loop ends by itself: it leaves on the first error.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/base/error.h"

namespace promfleet {

namespace asio = boost::asio;

// The concrete type, not any_io_executor: half the code size and no virtual call per resumption.
using Executor = asio::io_context::executor_type;

template <class T = void>
using Task = asio::awaitable<T, Executor>;

// The completion token of every Asio operation in this house: errors are values, cancellation does not throw.
inline constexpr auto kAwait = asio::as_tuple(asio::use_awaitable_t<Executor>{});

// Whether the running task was cancelled. Asio cancels the operation that is under way and no later one, so each leaf
// operation of ours asks first.
inline Task<bool> cancelled() {
  const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() != asio::cancellation_type::none;
}

}  // namespace promfleet
