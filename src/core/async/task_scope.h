// Owns running tasks: a task cannot outlive what it uses, because the owner closes its scope first.
//
//   class Server {
//     Task<> close() { co_await scope_.close(); }      // every connection is gone when this returns
//     TaskScope scope_;
//   };
//
// Thread safety: none; a scope and its tasks live on one io thread.
#pragma once

#include <cstddef>
#include <list>

#include <boost/asio/cancellation_signal.hpp>

#include "core/async/signal.h"
#include "core/async/task.h"

namespace promfleet {

class TaskScope {
 public:
  explicit TaskScope(Executor executor);
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;
  // All tasks have ended: whoever destroys a scope has awaited join() or close().
  ~TaskScope();

  // Starts `task` on the scope's io thread, not before the caller suspends or returns. After cancel() the task still
  // starts, sees cancelled() and ends at its first operation.
  // An exception that leaves the task is a bug and ends the process.
  void spawn(Task<> task);

  // Asks every running task to end. Returns at once.
  void cancel();

  // Waits until no task runs. Not itself cancellable: the tasks use what the caller is about to destroy.
  Task<> join();

  // cancel(), then join().
  Task<> close();

  std::size_t running() const { return running_.size(); }
  Executor executor() const { return executor_; }

 private:
  using Running = std::list<asio::cancellation_signal>;

  Task<> run(Task<> task, Running::iterator self);

  Executor executor_;
  Running running_;
  bool cancelled_ = false;
  Signal ended_;
};

}  // namespace promfleet
