// A read that never returns, on real threads: one for the lease and the output, and one for users' files.
#include <functional>
#include <future>

#include <gtest/gtest.h>

#include "core/async/task_scope.h"
#include "core/async/testing.h"
#include "core/os/simulated_clock.h"
#include "core/os/simulated_file_system.h"
#include "core/os/simulated_file_watcher.h"
#include "core/telemetry/log_testing.h"
#include "election/stores/file/file_store.h"
#include "election/term_file_testing.h"
#include "elector/prometheus/prometheus_testing.h"
#include "elector/sidecar.h"

namespace promfleet::elector {
namespace {

class HungMountTest : public testing::Test {
 protected:
  HungMountTest() {
    EXPECT_TRUE(files_.replace("/users/elector.yml", "follower: {a: 1}\nleader: {b: 1}\n", 0600));
    sidecar_.start();
    run_until([this] { return sidecar_.config().current().has_value(); });
  }
  ~HungMountTest() override {
    run_until_done(io_, [this]() -> Task<> {
      co_await sidecar_.close();
      co_await tasks_.close();
    });
  }

  void run_until(const std::function<bool()>& is_met) {
    io_.restart();
    while (!is_met() && io_.run_one_for(10s) > 0) continue;
    ASSERT_TRUE(is_met());
  }
  // Whatever time has set off has been done, and what follows from it: a read and a write, each a turn of the pool.
  void pass(Duration time) {
    clock_.advance(io_, time);
    for (int turn = 0; turn < 5 && !HasFatalFailure(); ++turn) {
      is_turn_over_ = false;
      tasks_.spawn(take_turn());
      run_until([this] { return is_turn_over_; });
      clock_.advance(io_, 0s);
    }
  }
  Task<> take_turn() {
    is_turn_over_ = co_await pool_.run([] { return true; });
  }
  void pass_seconds(int seconds) {
    for (int second = 0; second < seconds && !HasFatalFailure(); ++second) pass(1s);
  }
  bool leads() const { return sidecar_.election().has_authority(); }

  asio::io_context io_;
  SimulatedClock clock_;
  SimulatedFileSystem files_;
  SimulatedFileWatcher watcher_;
  CpuPool pool_{1};
  CpuPool reading_pool_{1};
  SimulatedPrometheus prometheus_{io_, clock_, files_, "/out/prometheus.yml"};
  election::MemoryTermFile term_file_;
  election::FileStore store_{{.files = files_, .watcher = watcher_, .pool = pool_, .clock = clock_}, "/run/lease"};
  Registry metrics_;
  MemorySink sink_;
  bool is_turn_over_ = false;
  TaskScope tasks_{io_.get_executor()};
  Sidecar sidecar_{{.io = io_,
                    .clock = clock_,
                    .files = files_,
                    .watcher = watcher_,
                    .pool = pool_,
                    .reading_pool = reading_pool_,
                    .prometheus = prometheus_,
                    .store = store_,
                    .term_file = term_file_,
                    .metrics = metrics_,
                    .log = Log(sink_, clock_, LogFormat::logfmt, LogLevel::info)},
                   {.member = "a",
                    .timing = {},
                    .config = {.config = "/users/elector.yml"},
                    .reconciler = {.output = "/out/prometheus.yml"},
                    .health = {},
                    .watched_folders = {}}};
};

TEST_F(HungMountTest, LeaderWhoseConfigurationCannotBeReadGoesOnRenewing) {
  pass_seconds(20);
  ASSERT_TRUE(leads());

  std::promise<void> released;
  std::promise<void> reading;
  files_.after_next_read("/users/elector.yml", [&] {
    reading.set_value();
    released.get_future().wait();
  });
  watcher_.touch("/users");
  clock_.advance(io_, 0s);
  reading.get_future().wait();
  pass_seconds(60);
  EXPECT_TRUE(leads());
  released.set_value();
}

}  // namespace
}  // namespace promfleet::elector
