#include "elector/health_monitor.h"

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
using testing::IsEmpty;
using Checks = HealthMonitorOptions::Checks;
using Wanted = HealthMonitorOptions::Readiness;

class HealthMonitorTest : public testing::Test {
 protected:
  ~HealthMonitorTest() override {
    run_until_done(io_, [this] { return monitor_->close(); });
  }

  void start(HealthMonitorOptions options) {
    monitor_.emplace(HealthMonitor::Parts{.io = io_,
                                          .clock = clock_,
                                          .prometheus = prometheus_,
                                          .metrics = metrics_,
                                          .log = Log(sink_, clock_, LogFormat::logfmt, LogLevel::info)},
                     options, [this](Health verdict) { verdicts_.push_back(verdict); });
    monitor_->start();
    pass(0s);
  }
  // Checks every 5 seconds; 3 failures, and 2 successes.
  void start_checking() { start({.checks = Checks::on, .successes_needed = 2, .failures_needed = 3}); }

  void pass(Duration time) { clock_.advance(io_, time); }
  void fall_ill() { prometheus_.sick = Error(Errc::timed_out, "no answer"); }
  void recover() { prometheus_.sick = std::nullopt; }

  asio::io_context io_;
  SimulatedClock clock_;
  SimulatedFileSystem files_;
  SimulatedPrometheus prometheus_{io_, clock_, files_, "prometheus.yml"};
  Registry metrics_;
  MemorySink sink_;
  std::vector<Health> verdicts_;
  std::optional<HealthMonitor> monitor_;
};

TEST_F(HealthMonitorTest, ReadinessThatIsNotAskedForIsAssumed) {
  prometheus_.ready = Readiness::not_ready;
  start({.readiness = Wanted::assumed});
  EXPECT_THAT(verdicts_, ElementsAre(Health::healthy));
  EXPECT_EQ(prometheus_.readiness_asked, 0);
  EXPECT_EQ(monitor_->error(), "");
}

TEST_F(HealthMonitorTest, ReadinessIsAwaitedBeforeTheFirstVerdict) {
  prometheus_.ready = Readiness::not_ready;
  start({.readiness = Wanted::awaited, .checks = Checks::on, .readiness_poll_period = 5s});
  pass(4999ms);
  EXPECT_EQ(prometheus_.readiness_asked, 1);
  prometheus_.ready = Readiness::not_listening;
  pass(1ms);
  EXPECT_EQ(prometheus_.readiness_asked, 2);
  EXPECT_THAT(verdicts_, IsEmpty());
  EXPECT_EQ(monitor_->verdict(), std::nullopt);
  EXPECT_EQ(monitor_->error(), "not ready yet");
  EXPECT_EQ(prometheus_.health_asked, 0);
  EXPECT_THAT(metrics_.render(), HasSubstr("promfleet_elector_prometheus_healthy 0\n"));

  prometheus_.ready = Readiness::ready;
  pass(5s);
  EXPECT_THAT(verdicts_, ElementsAre(Health::healthy));
  EXPECT_EQ(monitor_->verdict(), Health::healthy);
  EXPECT_EQ(monitor_->error(), "");
  EXPECT_THAT(metrics_.render(), HasSubstr("promfleet_elector_prometheus_healthy 1\n"));
}

TEST_F(HealthMonitorTest, ReadinessIsNotAskedForAgainAsLongAsChecksAreGood) {
  start({.readiness = Wanted::awaited, .checks = Checks::on});
  pass(1min);
  EXPECT_EQ(prometheus_.readiness_asked, 1);
}

TEST_F(HealthMonitorTest, PrometheusThatIsNotReadyAfterAFailureIsNotFitUntilItIs) {
  start({.readiness = Wanted::awaited, .checks = Checks::on, .successes_needed = 2, .failures_needed = 3});
  fall_ill();
  pass(5s);
  recover();
  prometheus_.ready = Readiness::not_ready;  // replays its WAL
  pass(5s);
  EXPECT_THAT(verdicts_, ElementsAre(Health::healthy));
  pass(5s);
  EXPECT_THAT(verdicts_, ElementsAre(Health::healthy, Health::unhealthy)) << "three failures in a row";
  EXPECT_EQ(monitor_->error(), "not ready yet, as after a restart");
  pass(1min);
  EXPECT_EQ(monitor_->verdict(), Health::unhealthy);

  prometheus_.ready = Readiness::ready;
  pass(5s);
  EXPECT_EQ(monitor_->verdict(), Health::unhealthy);
  pass(5s);
  EXPECT_EQ(monitor_->verdict(), Health::healthy);
}

TEST_F(HealthMonitorTest, ReadinessIsAskedForOnceAfterAFailure) {
  start({.readiness = Wanted::awaited, .checks = Checks::on, .successes_needed = 2, .failures_needed = 3});
  fall_ill();
  pass(5s);
  recover();
  pass(1min);
  EXPECT_EQ(prometheus_.readiness_asked, 2);
  EXPECT_THAT(verdicts_, ElementsAre(Health::healthy));
}

TEST_F(HealthMonitorTest, ReadinessThatIsNotAskedForIsAssumedAfterAFailureToo) {
  start_checking();
  prometheus_.ready = Readiness::not_ready;
  fall_ill();
  pass(15s);
  recover();
  pass(10s);
  EXPECT_EQ(monitor_->verdict(), Health::healthy);
  EXPECT_EQ(prometheus_.readiness_asked, 0);
}

TEST_F(HealthMonitorTest, HealthIsNotAskedForWithoutChecks) {
  fall_ill();
  start({.checks = Checks::off});
  pass(10min);
  EXPECT_EQ(prometheus_.health_asked, 0);
  EXPECT_THAT(verdicts_, ElementsAre(Health::healthy));
}

TEST_F(HealthMonitorTest, PrometheusIsCheckedOnceAPeriod) {
  start_checking();
  pass(4999ms);
  EXPECT_EQ(prometheus_.health_asked, 0);
  pass(1ms);
  EXPECT_EQ(prometheus_.health_asked, 1);
  pass(25s);
  EXPECT_EQ(prometheus_.health_asked, 6);
}

TEST_F(HealthMonitorTest, VerdictChangesAfterEnoughFailuresInARow) {
  start_checking();
  fall_ill();
  pass(10s);
  EXPECT_EQ(monitor_->error(), "no answer");
  EXPECT_THAT(verdicts_, ElementsAre(Health::healthy));
  pass(5s);
  EXPECT_THAT(verdicts_, ElementsAre(Health::healthy, Health::unhealthy));
  EXPECT_THAT(metrics_.render(), HasSubstr("promfleet_elector_prometheus_healthy 0\n"));
  EXPECT_THAT(sink_.text, HasSubstr("level=error msg=\"Prometheus is not healthy\" err=\"no answer\""));
}

TEST_F(HealthMonitorTest, FailuresThatAreNotInARowChangeNothing) {
  start_checking();
  for (int i = 0; i < 10; ++i) {
    fall_ill();
    pass(10s);
    recover();
    pass(5s);
  }
  EXPECT_THAT(verdicts_, ElementsAre(Health::healthy));
  EXPECT_EQ(monitor_->error(), "");
}

TEST_F(HealthMonitorTest, PrometheusThatAnswersAgainIsHealthyAfterEnoughSuccesses) {
  start_checking();
  fall_ill();
  pass(15s);
  recover();
  pass(5s);
  EXPECT_EQ(monitor_->verdict(), Health::unhealthy);
  EXPECT_EQ(monitor_->error(), "");
  pass(5s);
  EXPECT_THAT(verdicts_, ElementsAre(Health::healthy, Health::unhealthy, Health::healthy));
  EXPECT_THAT(sink_.text, HasSubstr("Prometheus is healthy again"));
}

TEST_F(HealthMonitorTest, ClosingWhileReadinessIsAwaitedGivesNoVerdict) {
  prometheus_.ready = Readiness::not_ready;
  start({.readiness = Wanted::awaited});
  run_until_done(io_, [this] { return monitor_->close(); });
  EXPECT_THAT(verdicts_, IsEmpty());
}

}  // namespace
}  // namespace promfleet::elector
