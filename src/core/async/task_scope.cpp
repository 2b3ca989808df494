#include "core/async/task_scope.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "core/base/assert.h"

namespace promfleet {

TaskScope::TaskScope(Executor executor) : executor_(executor), ended_(executor) {}

TaskScope::~TaskScope() {
  ASSERT(running_.empty());
}

void TaskScope::spawn(Task<> task) {
  const auto self = running_.emplace(running_.end());
  asio::co_spawn(executor_, run(std::move(task), self),
                 asio::bind_cancellation_slot(self->slot(), [this, self](std::exception_ptr thrown) {
                   if (thrown) std::rethrow_exception(thrown);
                   running_.erase(self);
                   ended_.notify();
                 }));
}

Task<> TaskScope::run(Task<> task, Running::iterator self) {
  co_await asio::this_coro::throw_if_cancelled(false);
  // Asio would run the task inside spawn() up to its first wait: a caller that is about to wait for it would miss what
  // it tells.
  co_await asio::post(executor_, kAwait);
  // The signal reaches only a started coroutine; one that was spawned into a cancelled scope is told here.
  if (cancelled_) self->emit(asio::cancellation_type::terminal);
  co_await std::move(task);
}

void TaskScope::cancel() {
  cancelled_ = true;
  // Emitting can end a task at once, which erases its entry: step over it first.
  for (auto it = running_.begin(); it != running_.end();) {
    auto current = it++;
    current->emit(asio::cancellation_type::terminal);
  }
}

Task<> TaskScope::join() {
  while (!running_.empty()) co_await ended_.wait_uncancellable();
}

Task<> TaskScope::close() {
  cancel();
  co_await join();
}

}  // namespace promfleet
