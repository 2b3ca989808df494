#include "core/os/clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/async/task_scope.h"
#include "core/async/testing.h"
#include "core/os/simulated_clock.h"
#include "core/os/system_clock.h"

namespace promfleet {
namespace {

using testing::ElementsAre;

TEST(TimerQueue, CallsInTheOrderOfTimesThenOfAdding) {
  TimerQueue queue;
  std::vector<int> called;
  const BootTime start{};
  const Timer late = queue.add(start + 2s, [&] { called.push_back(3); });
  const Timer first = queue.add(start + 1s, [&] { called.push_back(1); });
  const Timer second = queue.add(start + 1s, [&] { called.push_back(2); });
  queue.run_due(start + 1s);
  EXPECT_THAT(called, ElementsAre(1, 2));
  EXPECT_EQ(queue.next(), start + 2s);
}

TEST(TimerQueue, DestroyedTimerIsNeverCalled) {
  TimerQueue queue;
  bool called = false;
  {
    const Timer timer = queue.add(BootTime{}, [&] { called = true; });
  }
  queue.run_due(BootTime{} + 1s);
  EXPECT_FALSE(called);
  EXPECT_EQ(queue.next(), std::nullopt);
}

TEST(TimerQueue, CallbackMayReplaceItsOwnTimer) {
  TimerQueue queue;
  int calls = 0;
  Timer timer;
  timer = queue.add(BootTime{}, [&] {
    ++calls;
    timer = queue.add(BootTime{} + 5s, [&] { ++calls; });
  });
  queue.run_due(BootTime{} + 1s);
  EXPECT_EQ(calls, 1);
  queue.run_due(BootTime{} + 5s);
  EXPECT_EQ(calls, 2);
}

TEST(SimulatedClock, SleepersWakeAtTheirTimesInOrder) {
  asio::io_context io;
  SimulatedClock clock;
  const BootTime start = clock.now();
  std::vector<Duration> woken;
  TaskScope scope(io.get_executor());
  const auto sleeper = [&](Duration duration) -> Task<> {
    EXPECT_TRUE(co_await sleep_for(clock, duration));
    woken.push_back(clock.now() - start);
  };
  scope.spawn(sleeper(3s));
  scope.spawn(sleeper(1s));
  clock.advance(io, 2s);
  EXPECT_THAT(woken, ElementsAre(1s));
  clock.advance(io, 2s);
  EXPECT_THAT(woken, ElementsAre(1s, 3s));
}

TEST(SimulatedClock, CancelledSleeperEndsBeforeItsTime) {
  asio::io_context io;
  SimulatedClock clock;
  Result<> slept;
  TaskScope scope(io.get_executor());
  scope.spawn([](Clock& time, Result<>& out) -> Task<> { out = co_await sleep_for(time, 1h); }(clock, slept));
  clock.advance(io, 1s);
  scope.cancel();
  clock.advance(io, 0s);
  EXPECT_EQ(slept.error().code(), Errc::cancelled);
}

TEST(SimulatedClock, LongestDurationThatAFlagTakesIsSleptForEver) {
  asio::io_context io;
  SimulatedClock clock;
  bool woke = false;
  TaskScope scope(io.get_executor());
  scope.spawn([](Clock& time, bool& done) -> Task<> {
    const Result<> slept = co_await sleep_for(time, Duration::max());
    done = slept.has_value();
  }(clock, woke));
  clock.advance(io, 1000h);
  EXPECT_FALSE(woke);
  scope.cancel();
  clock.advance(io, 0s);
}

TEST(BootTime, EndsAtNever) {
  EXPECT_EQ(after(BootTime(1s), 2s), BootTime(3s));
  EXPECT_EQ(after(BootTime(1s), Duration::max()), kNever);
  EXPECT_EQ(after(kNever, 1s), kNever);
  EXPECT_EQ(after(BootTime(-1s), Duration::max()), kNever - 1s);
  EXPECT_EQ(after(BootTime(1s), -2s), BootTime(-1s));
}

TEST(SimulatedClock, StepOfTheWallClockLeavesBootTimeAlone) {
  SimulatedClock clock;
  const BootTime before = clock.now();
  const WallTime wall_before = clock.wall_now();
  clock.step_wall_clock(-1h);
  EXPECT_EQ(clock.now(), before);
  EXPECT_EQ(clock.wall_now(), wall_before - 1h);
}

TEST(SystemClock, WakesSleepersInTheOrderOfTheirTimes) {
  asio::io_context io;
  SystemClock clock(io);
  std::vector<int> woken;
  run_until_done(io, [&]() -> Task<> {
    TaskScope scope(io.get_executor());
    const BootTime start = clock.now();
    const auto sleeper = [&](int id, BootTime until) -> Task<> {
      EXPECT_TRUE(co_await sleep_until(clock, until));
      EXPECT_GE(clock.now(), until);
      woken.push_back(id);
    };
    scope.spawn(sleeper(2, start + 2ms));
    scope.spawn(sleeper(1, start + 1ms));
    scope.spawn(sleeper(0, start - 1s));
    co_await scope.join();
  });
  EXPECT_THAT(woken, ElementsAre(0, 1, 2));
}

}  // namespace
}  // namespace promfleet
