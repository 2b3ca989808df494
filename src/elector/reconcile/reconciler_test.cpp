#include "elector/reconcile/reconciler.h"

#include <atomic>
#include <functional>
#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/async/testing.h"
#include "core/os/simulated_clock.h"
#include "core/os/simulated_file_system.h"
#include "core/telemetry/log_testing.h"
#include "elector/prometheus/prometheus_testing.h"

namespace promfleet::elector {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using Kind = ReloadAnswer::Kind;

struct ReconcilerTest : testing::Test, ReconcilerListener {
  explicit ReconcilerTest(std::size_t pool_threads = 0) : ReconcilerTest(std::nullopt, pool_threads) {
    reconciler.configure(configs("follower", "leader"));
  }
  // Without a configuration.
  explicit ReconcilerTest(std::nullopt_t, std::size_t pool_threads) : pool(pool_threads) { reconciler.start(); }
  ~ReconcilerTest() override {
    run_until_done(io, [&] { return reconciler.close(); });
  }

  void on_confirmed(const Goal& in_force) override { told.push_back(*in_force.text); }
  void on_half_applied(const Goal& goal) override { told.push_back("half of " + *goal.text); }
  void on_round_failed(const Goal& goal, const std::string& why) override {
    told.push_back(fmt::format("{} failed: {}", *goal.text, why));
  }

  static DesiredConfigs configs(const char* follower, const char* leader) {
    return {.follower = std::make_shared<const std::string>(follower),
            .leader = std::make_shared<const std::string>(leader)};
  }
  // Configurations with remote_write queues.
  void configure_queues() { reconciler.configure(configs(kFollowerWrites, kLeaderWrites)); }
  static constexpr const char* kFollowerWrites = "remote_write: [{url: http://all}]";
  static constexpr const char* kLeaderWrites = "remote_write: [{url: http://all}, {name: l, url: http://leader}]";
  void pass(Duration duration) { clock.advance(io, duration); }
  void want(Role role) {
    reconciler.want(role);
    pass(0s);
  }
  void foreign_write() {
    ASSERT_TRUE(files.replace("out.yaml", "foreign", 0600));
    reconciler.output_touched();
    pass(0s);
  }
  std::string output() { return files.read("out.yaml", 1000).value_or("nothing"); }

  asio::io_context io;
  SimulatedClock clock;
  SimulatedFileSystem files;
  CpuPool pool;
  SimulatedPrometheus prometheus{io, clock, files, "out.yaml"};
  Registry metrics;
  MemorySink sink;
  bool authority = true;
  Duration authority_left = 1h;
  std::vector<std::string> told;
  Reconciler reconciler{{.io = io,
                         .clock = clock,
                         .files = files,
                         .pool = pool,
                         .prometheus = prometheus,
                         .listener = *this,
                         .metrics = metrics,
                         .log = Log(sink, clock, LogFormat::logfmt, LogLevel::info)},
                        {.output = "out.yaml",
                         .rounds = {.attempts = 2, .retry_delay = 10s, .round_delay_max = 60s},
                         .notify_timeout = 2s,
                         .readiness_poll_period = 1s},
                        [this] { return authority ? clock.now() + authority_left : BootTime::min(); }};
};

struct UnconfiguredTest : ReconcilerTest {
  UnconfiguredTest() : ReconcilerTest(std::nullopt, 0) {}
};

struct SlowDiskTest : ReconcilerTest {
  SlowDiskTest() : ReconcilerTest(1) {}

  void run_until(const std::function<bool()>& is_met) {
    io.restart();
    while (!is_met() && io.run_one_for(10s) > 0) continue;
    ASSERT_TRUE(is_met());
  }
  void hold_next_read(const std::string& path) {
    files.after_next_read(path, [this] {
      reading = true;
      asio::post(io, [] {});  // so that run_until() looks again
      may_finish.get_future().wait();
    });
  }
  bool is_reading() const { return reading; }
  void finish_reading() { may_finish.set_value(); }

  std::atomic<bool> reading = false;
  std::promise<void> may_finish;
};

TEST_F(ReconcilerTest, NothingIsTouchedBeforeTheElectionHasSpoken) {
  pass(1min);
  EXPECT_EQ(output(), "nothing");
  EXPECT_THAT(prometheus.loads, ElementsAre());
}

TEST_F(ReconcilerTest, EachRoleIsWrittenLoadedAndConfirmed) {
  want(Role::follower);
  want(Role::leader);
  EXPECT_THAT(prometheus.loads, ElementsAre("follower", "leader"));
  EXPECT_THAT(told, ElementsAre("follower", "leader"));
  EXPECT_EQ(files.mode("out.yaml"), 0600u);
}

TEST_F(ReconcilerTest, RestartedSidecarReloadsEvenWhenTheFileIsRightAlready) {
  ASSERT_TRUE(files.replace("out.yaml", "follower", 0600));
  want(Role::follower);
  EXPECT_EQ(files.replacements(), 1);
  EXPECT_THAT(prometheus.loads, ElementsAre("follower"));
}

TEST_F(ReconcilerTest, LeadersFileIsNeverWrittenWithoutAuthority) {
  want(Role::follower);
  authority = false;
  want(Role::leader);
  pass(1min);
  EXPECT_EQ(output(), "follower");
  EXPECT_THAT(prometheus.loads, ElementsAre("follower"));
}

TEST_F(ReconcilerTest, LastGoodFileOfALeaderThatHasLostAuthorityIsNotWrittenButDemotedFrom) {
  want(Role::leader);
  prometheus.dislikes = "broken";
  prometheus.takes = 1s;
  reconciler.configure(configs("follower", "broken leader"));
  pass(500ms);
  authority = false;
  pass(500ms);
  EXPECT_EQ(output(), "broken leader");
  want(Role::follower);
  EXPECT_EQ(output(), "follower");
  pass(1s);
  EXPECT_THAT(prometheus.loads, ElementsAre("leader", "broken leader", "follower"));
}

TEST_F(ReconcilerTest, LeadersFileIsNotLoadedWithoutAuthority) {
  want(Role::follower);
  prometheus.ready = Readiness::not_ready;
  want(Role::leader);
  ASSERT_EQ(output(), "leader");
  authority = false;
  prometheus.ready = Readiness::ready;
  pass(1min);
  EXPECT_THAT(prometheus.loads, ElementsAre("follower"));
}

TEST_F(ReconcilerTest, FollowersFileLiesBesideALeadersAndTakesItsPlaceWithoutSpaceOnTheDisk) {
  want(Role::leader);
  EXPECT_EQ(files.read("out.yaml.follower", 1000), "follower");
  files.fail_writes(Error(Errc::io_failed, "write: No space left on device"));
  want(Role::follower);
  EXPECT_EQ(output(), "follower");
  EXPECT_EQ(files.read("out.yaml.follower", 1000).error().code(), Errc::not_found);
  EXPECT_THAT(told, ElementsAre("leader", "follower"));
}

TEST_F(ReconcilerTest, LeadersFileIsNotWrittenWithoutTheFollowersBesideIt) {
  want(Role::follower);
  files.fail_writes(Error(Errc::io_failed, "write: No space left on device"));
  want(Role::leader);
  EXPECT_EQ(output(), "follower");
  EXPECT_THAT(reconciler.status().file_error, HasSubstr("No space left"));
}

TEST_F(ReconcilerTest, WordsOfPrometheusAreKeptWhileAnOlderTextRuns) {
  want(Role::leader);
  prometheus.answer = Kind::rejected;
  prometheus.accepts = "leader";
  reconciler.configure(configs("follower", "broken leader"));
  pass(1s);
  EXPECT_EQ(prometheus.running, "leader");
  EXPECT_EQ(reconciler.status().reload_error, "bad rule file");
  reconciler.configure(configs("follower", "leader"));
  pass(1s);
  EXPECT_EQ(reconciler.status().reload_error, "");
}

TEST_F(ReconcilerTest, DemotionDuringASlowPromotionIsOnDiskAtOnceAndReloadedAfterIt) {
  want(Role::follower);
  prometheus.takes = 30s;
  want(Role::leader);
  pass(1s);
  want(Role::follower);
  EXPECT_EQ(output(), "follower");
  EXPECT_THAT(told, ElementsAre("follower"));
  pass(1min);
  EXPECT_THAT(prometheus.loads, ElementsAre("follower", "leader", "follower"));
  EXPECT_THAT(told, ElementsAre("follower", "follower"));
}

TEST_F(ReconcilerTest, RoleThatRunsAlreadyIsConfirmedAtOnce) {
  want(Role::follower);
  want(Role::follower);
  EXPECT_THAT(prometheus.loads, ElementsAre("follower"));
  EXPECT_THAT(told, ElementsAre("follower", "follower"));
}

TEST_F(ReconcilerTest, PromotionTakenBackBeforeItsReloadIsADemotionWithoutOne) {
  want(Role::follower);
  prometheus.ready = Readiness::not_ready;
  want(Role::leader);
  EXPECT_EQ(output(), "leader");
  want(Role::follower);
  EXPECT_EQ(output(), "follower");
  EXPECT_THAT(prometheus.loads, ElementsAre("follower"));
  EXPECT_THAT(told, ElementsAre("follower", "follower"));
}

TEST_F(ReconcilerTest, GoalThatChangesDuringTheReadinessCheckCostsTheNextOneNoWait) {
  want(Role::follower);
  prometheus.readiness_takes = 500ms;
  want(Role::leader);
  want(Role::follower);
  pass(500ms);
  want(Role::leader);
  pass(500ms);
  EXPECT_THAT(prometheus.loads, ElementsAre("follower", "leader"));
}

TEST_F(ReconcilerTest, LeaderWhoseNewTextIsRejectedIsConfirmedWithItsLastGoodOne) {
  want(Role::leader);
  prometheus.answer = Kind::rejected;
  prometheus.accepts = "leader";
  reconciler.configure(configs("follower", "broken leader"));
  pass(0s);
  EXPECT_THAT(prometheus.loads, ElementsAre("leader", "broken leader", "leader"));
  EXPECT_THAT(told, ElementsAre("leader", "leader"));
  EXPECT_EQ(output(), "leader");
}

TEST_F(ReconcilerTest, RejectedTextThatIsTakenBackIsConfirmedWithoutAReload) {
  want(Role::leader);
  prometheus.answer = Kind::rejected;
  prometheus.accepts = "leader";
  reconciler.configure(configs("follower", "broken leader"));
  pass(0s);
  ASSERT_THAT(told, ElementsAre("leader", "leader"));
  reconciler.configure(configs("follower", "leader"));
  pass(0s);
  EXPECT_THAT(prometheus.loads, ElementsAre("leader", "broken leader", "leader"));
  EXPECT_THAT(told, ElementsAre("leader", "leader", "leader"));
}

TEST_F(ReconcilerTest, FailedRoundNamesTheTextThatFailed) {
  want(Role::leader);
  prometheus.answer = Kind::rejected;
  prometheus.accepts = "leader";
  reconciler.configure(configs("follower", "broken leader"));
  pass(10s);
  EXPECT_THAT(told, ElementsAre("leader", "leader", "broken leader failed: bad rule file", "leader"));
}

TEST_F(ReconcilerTest, LateReloadIsReportedAndAwaitedNotRepeated) {
  prometheus.hold = true;
  want(Role::follower);
  pass(5min);
  EXPECT_TRUE(reconciler.status().reload_is_late);
  EXPECT_THAT(metrics.render(), HasSubstr("promfleet_elector_late_reloads_total 1\n"));
  prometheus.release();
  pass(0s);
  EXPECT_THAT(prometheus.loads, ElementsAre("follower"));
  EXPECT_THAT(told, ElementsAre("follower"));
  EXPECT_FALSE(reconciler.status().reload_is_late);
}

TEST_F(ReconcilerTest, NoReloadIsSentBeforePrometheusIsReady) {
  prometheus.ready = Readiness::not_ready;
  want(Role::follower);
  pass(30s);
  EXPECT_THAT(prometheus.loads, ElementsAre());
  prometheus.ready = Readiness::ready;
  pass(1s);
  EXPECT_THAT(told, ElementsAre("follower"));
}

TEST_F(ReconcilerTest, FollowerFileWithoutAPrometheusIsACompletedDemotion) {
  prometheus.ready = Readiness::not_listening;
  want(Role::follower);
  EXPECT_THAT(told, ElementsAre("follower"));
  EXPECT_THAT(prometheus.loads, ElementsAre());
}

TEST_F(ReconcilerTest, ReloadsAreCountedThatWereSent) {
  prometheus.ready = Readiness::not_listening;
  want(Role::follower);
  EXPECT_THAT(metrics.render(), HasSubstr("\nprometheus_elector_notifier_calls_total 0\n"));
  EXPECT_EQ(reconciler.status().last_reload_at, std::nullopt);
  prometheus.ready = Readiness::ready;
  prometheus.answer = Kind::rejected;
  want(Role::leader);
  EXPECT_THAT(metrics.render(), HasSubstr("\nprometheus_elector_notifier_calls_total 1\n"));
  EXPECT_THAT(metrics.render(), HasSubstr("\nprometheus_elector_notifier_calls_errors 1\n"));
  EXPECT_THAT(metrics.render(), HasSubstr("\nprometheus_elector_notifier_calls_duration_seconds_count 1\n"));
}

TEST_F(ReconcilerTest, FailedRoundOfALeaderIsToldWithPrometheusOwnWords) {
  want(Role::follower);
  prometheus.answer = Kind::rejected;
  want(Role::leader);
  pass(10s);
  EXPECT_THAT(told, ElementsAre("follower", "leader failed: bad rule file"));
  EXPECT_EQ(reconciler.status().reload_error, "bad rule file");
}

TEST_F(ReconcilerTest, HalfAppliedDemotionCountsOnceOnlyTheFollowersQueuesRun) {
  configure_queues();
  want(Role::leader);
  prometheus.answer = Kind::rejected;
  prometheus.queues = {{.name = "abc", .url = "http://all"}, {.name = "l", .url = "http://leader"}};
  want(Role::follower);
  EXPECT_THAT(told, ElementsAre(kLeaderWrites));
  prometheus.queues = {{.name = "abc", .url = "http://all"}};
  pass(10s);
  EXPECT_THAT(told,
              ElementsAre(kLeaderWrites, kFollowerWrites, fmt::format("{} failed: bad rule file", kFollowerWrites)));
}

TEST_F(ReconcilerTest, HalfAppliedDemotionCountsAlsoWhenTheLeadersPartHasBecomeUnknown) {
  configure_queues();
  want(Role::leader);
  reconciler.configure({.follower = std::make_shared<const std::string>(kFollowerWrites), .leader = nullptr});
  prometheus.answer = Kind::rejected;
  prometheus.queues = {{.name = "abc", .url = "http://all"}};
  want(Role::follower);
  EXPECT_THAT(told, ElementsAre(kLeaderWrites, kFollowerWrites));
}

TEST_F(ReconcilerTest, HalfAppliedPromotionIsToldOnceAllOfTheLeadersQueuesRun) {
  configure_queues();
  want(Role::follower);
  prometheus.answer = Kind::rejected;
  prometheus.queues = {{.name = "abc", .url = "http://all"}};
  want(Role::leader);
  EXPECT_THAT(told, ElementsAre(kFollowerWrites));
  prometheus.queues.push_back({.name = "l", .url = "http://leader"});
  pass(10s);
  EXPECT_THAT(told, ElementsAre(kFollowerWrites, fmt::format("half of {}", kLeaderWrites),
                                fmt::format("{} failed: bad rule file", kLeaderWrites)));
}

TEST_F(ReconcilerTest, HalfAppliedTextWhoseQueuesCannotBeReadCountsForNothing) {
  want(Role::follower);
  prometheus.answer = Kind::rejected;
  want(Role::leader);
  EXPECT_THAT(told, ElementsAre("follower"));
  EXPECT_THAT(sink.text, HasSubstr("cannot tell whether the right remote_write queues run"));
}

TEST_F(UnconfiguredTest, DemotionToWhatAnEarlierProcessLeftCountsWhenItIsHalfApplied) {
  ASSERT_TRUE(files.replace("out.yaml", kLeaderWrites, 0600));
  ASSERT_TRUE(files.replace("out.yaml.follower", kFollowerWrites, 0600));
  prometheus.answer = Kind::rejected;
  prometheus.queues = {{.name = "abc", .url = "http://all"}};
  reconciler.do_without_configs();
  want(Role::follower);
  EXPECT_EQ(output(), kFollowerWrites);
  EXPECT_THAT(told, ElementsAre(kFollowerWrites));
}

TEST_F(ReconcilerTest, FullDiskKeepsTheOldFileAndHealsByItself) {
  want(Role::follower);
  files.fail_writes(Error(Errc::io_failed, "write out.yaml: No space left on device"));
  want(Role::leader);
  EXPECT_EQ(output(), "follower");
  EXPECT_THAT(reconciler.status().file_error, HasSubstr("No space left"));
  files.fail_writes(std::nullopt);
  pass(10s);
  EXPECT_THAT(told, ElementsAre("follower", "leader"));
  EXPECT_EQ(reconciler.status().file_error, "");
}

TEST_F(ReconcilerTest, ForeignWriteIsPutRightAndCountedButNotInALoop) {
  want(Role::follower);
  for (int i = 0; i < 5; ++i) {
    foreign_write();
    pass(1s);
  }
  EXPECT_EQ(reconciler.status().foreign_writes, 1u);
  EXPECT_THAT(prometheus.loads, ElementsAre("follower", "follower"));
}

TEST_F(ReconcilerTest, ForeignWriteSoonAfterTheLastIsPutRightWithoutAnotherEvent) {
  want(Role::follower);
  foreign_write();
  pass(5s);
  foreign_write();
  pass(4999ms);
  EXPECT_EQ(output(), "foreign");
  pass(1ms);
  EXPECT_EQ(output(), "follower");
  EXPECT_EQ(reconciler.status().foreign_writes, 2u);
  EXPECT_THAT(prometheus.loads, ElementsAre("follower", "follower", "follower"));
}

TEST_F(ReconcilerTest, ReloadThatIsUnderWayAtTheEndIsNoFailure) {
  prometheus.hold = true;
  want(Role::follower);
  run_until_done(io, [&] { return reconciler.close(); });
  EXPECT_THAT(sink.text, Not(HasSubstr("did not load")));
  EXPECT_EQ(reconciler.status().reload_error, "");
  EXPECT_THAT(told, ElementsAre());
}

// The file is read on another thread, which the test holds up until the answer has come.
TEST_F(SlowDiskTest, AnswerThatComesWhileTheOutputIsReadIsTold) {
  reconciler.want(Role::follower);
  prometheus.hold = true;
  run_until([&] { return prometheus.loads.size() == 1; });
  hold_next_read("out.yaml");
  reconciler.output_touched();
  run_until([&] { return is_reading(); });
  prometheus.release();
  clock.advance(io, 0s);
  finish_reading();
  run_until([&] { return !told.empty(); });
  EXPECT_THAT(told, ElementsAre("follower"));
}

TEST_F(SlowDiskTest, AuthorityThatEndsWhileTheDiskIsSlowLeavesTheOldFile) {
  ASSERT_TRUE(files.replace("out.yaml", "old", 0600));
  authority_left = 5s;
  hold_next_read("out.yaml");
  reconciler.want(Role::leader);
  run_until([&] { return is_reading(); });
  clock.advance(io, 5s);
  authority = false;
  finish_reading();
  reconciler.want(Role::follower);
  run_until([&] { return !told.empty(); });
  EXPECT_EQ(output(), "follower");
  EXPECT_EQ(files.replacements(),
            3);  // the old one, the follower's beside the output, and in its place: never the leader's
  EXPECT_THAT(prometheus.loads, ElementsAre("follower"));
}

TEST_F(ReconcilerTest, ChangedConfigurationAndChangedRulesAreReloaded) {
  want(Role::follower);
  reconciler.configure(configs("follower 2", "leader"));
  pass(0s);
  reconciler.rules_changed();
  pass(0s);
  EXPECT_THAT(prometheus.loads, ElementsAre("follower", "follower 2", "follower 2"));
}

}  // namespace
}  // namespace promfleet::elector
