#include "core/async/task_scope.h"

#include <thread>

#include <gtest/gtest.h>

#include "core/async/cpu_pool.h"
#include "core/async/testing.h"

namespace promfleet {
namespace {

Task<> wait_and_note(Signal& signal, std::vector<std::string>& notes) {
  const Result<> woken = co_await signal.wait();
  notes.push_back(woken ? "woken" : std::string(to_string(woken.error().code())));
}

TEST(TaskScope, CloseCancelsEveryTaskAndWaitsForItsEnd) {
  asio::io_context io;
  Signal never(io.get_executor());
  std::vector<std::string> notes;
  run_until_done(io, [&]() -> Task<> {
    TaskScope scope(io.get_executor());
    scope.spawn(wait_and_note(never, notes));
    scope.spawn(wait_and_note(never, notes));
    co_await asio::post(io, kAwait);
    EXPECT_EQ(scope.running(), 2u);
    co_await scope.close();
    EXPECT_EQ(scope.running(), 0u);
  });
  EXPECT_EQ(notes, (std::vector<std::string>{"cancelled", "cancelled"}));
}

TEST(TaskScope, TaskSpawnedIntoACancelledScopeEndsAtItsFirstOperation) {
  asio::io_context io;
  Signal never(io.get_executor());
  std::vector<std::string> notes;
  run_until_done(io, [&]() -> Task<> {
    TaskScope scope(io.get_executor());
    scope.cancel();
    scope.spawn(wait_and_note(never, notes));
    co_await scope.join();
  });
  EXPECT_EQ(notes, (std::vector<std::string>{"cancelled"}));
}

TEST(TaskScope, SpawnedTaskDoesNotRunBeforeTheCallerWaits) {
  asio::io_context io;
  bool has_run = false;
  run_until_done(io, [&]() -> Task<> {
    TaskScope scope(io.get_executor());
    scope.spawn([](bool& ran) -> Task<> {
      ran = true;
      co_return;
    }(has_run));
    EXPECT_FALSE(has_run);
    co_await scope.join();
  });
  EXPECT_TRUE(has_run);
}

TEST(TaskScope, CancelledTaskSeesEveryLaterOperationCancelledToo) {
  asio::io_context io;
  Signal never(io.get_executor());
  std::vector<std::string> notes;
  run_until_done(io, [&]() -> Task<> {
    TaskScope scope(io.get_executor());
    scope.spawn([](Signal& signal, std::vector<std::string>& out) -> Task<> {
      co_await wait_and_note(signal, out);
      co_await wait_and_note(signal, out);
    }(never, notes));
    co_await asio::post(io, kAwait);
    co_await scope.close();
  });
  EXPECT_EQ(notes, (std::vector<std::string>{"cancelled", "cancelled"}));
}

TEST(Signal, WakesAllThatWaitNow) {
  asio::io_context io;
  Signal signal(io.get_executor());
  std::vector<std::string> notes;
  run_until_done(io, [&]() -> Task<> {
    TaskScope scope(io.get_executor());
    scope.spawn(wait_and_note(signal, notes));
    scope.spawn(wait_and_note(signal, notes));
    co_await asio::post(io, kAwait);
    signal.notify();
    co_await scope.join();
  });
  EXPECT_EQ(notes, (std::vector<std::string>{"woken", "woken"}));
}

TEST(CpuPool, RunsElsewhereAndComesBack) {
  asio::io_context io;
  CpuPool pool(1);
  run_until_done(io, [&]() -> Task<> {
    const auto home = std::this_thread::get_id();
    const auto elsewhere = co_await pool.run([] { return std::this_thread::get_id(); });
    EXPECT_NE(elsewhere, home);
    EXPECT_EQ(std::this_thread::get_id(), home);
  });
}

}  // namespace
}  // namespace promfleet
