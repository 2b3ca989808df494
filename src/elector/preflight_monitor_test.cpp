#include "elector/preflight_monitor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/async/testing.h"
#include "core/os/simulated_clock.h"
#include "core/os/simulated_file_system.h"
#include "core/telemetry/log_testing.h"
#include "elector/prometheus/prometheus_testing.h"

namespace promfleet::elector {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

std::size_t lines_of(const std::string& log, std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = log.find(text); at != std::string::npos; at = log.find(text, at + 1)) ++count;
  return count;
}

class PreflightMonitorTest : public testing::Test {
 protected:
  ~PreflightMonitorTest() override {
    run_until_done(io_, [this] { return monitor_.close(); });
  }

  void start() {
    monitor_.start();
    pass(0s);
  }
  void pass(Duration time) { clock_.advance(io_, time); }

  PrometheusFlags& flags() { return prometheus_.started_with.value(); }
  std::vector<std::string> findings() {
    std::vector<std::string> ids;
    for (const Finding& finding : monitor_.findings()) ids.push_back(finding.id);
    return ids;
  }

  asio::io_context io_;
  SimulatedClock clock_;
  SimulatedFileSystem files_;
  SimulatedPrometheus prometheus_{io_, clock_, files_, "/etc/out.yaml"};
  Registry metrics_;
  MemorySink sink_;
  PreflightMonitor monitor_{{.io = io_,
                             .clock = clock_,
                             .prometheus = prometheus_,
                             .metrics = metrics_,
                             .log = Log(sink_, clock_, LogFormat::logfmt, LogLevel::info)},
                            {.output = "/etc/out.yaml", .demotion_time = 5s}};
};

TEST_F(PreflightMonitorTest, NothingIsToldWhenEverythingFits) {
  flags() = {.lifecycle_enabled = true, .config_file = "/etc/out.yaml", .flush_deadline = 1s};
  start();
  EXPECT_EQ(prometheus_.flags_asked, 1);
  EXPECT_THAT(findings(), IsEmpty());
  EXPECT_EQ(sink_.text, "");
}

TEST_F(PreflightMonitorTest, FindingIsLoggedOnceCountedAndShown) {
  flags().lifecycle_enabled = false;
  start();
  pass(5min);
  EXPECT_EQ(prometheus_.flags_asked, 6);
  EXPECT_THAT(findings(), ElementsAre("lifecycle_disabled"));
  EXPECT_THAT(metrics_.render(), HasSubstr("promfleet_elector_preflight_finding{finding=\"lifecycle_disabled\"} 1\n"));
  EXPECT_EQ(lines_of(sink_.text, "--web.enable-lifecycle"), 1u);
}

TEST_F(PreflightMonitorTest, FindingIsGoneOncePrometheusWasRestartedWithOtherFlags) {
  flags().lifecycle_enabled = false;
  start();
  flags().lifecycle_enabled = true;
  pass(60s);
  EXPECT_THAT(findings(), IsEmpty());
  EXPECT_THAT(metrics_.render(), HasSubstr("promfleet_elector_preflight_finding{finding=\"lifecycle_disabled\"} 0\n"));
}

TEST_F(PreflightMonitorTest, PrometheusThatDoesNotAnswerIsAskedAgainSooner) {
  prometheus_.started_with = fail(Errc::refused, "nobody listens");
  start();
  pass(10s);
  EXPECT_EQ(prometheus_.flags_asked, 3);
  EXPECT_THAT(findings(), IsEmpty());
  prometheus_.started_with = PrometheusFlags{.lifecycle_enabled = false};
  pass(5s);
  EXPECT_THAT(findings(), ElementsAre("lifecycle_disabled"));
}

TEST_F(PreflightMonitorTest, FindingsStayWhilePrometheusDoesNotAnswer) {
  flags().lifecycle_enabled = false;
  start();
  prometheus_.started_with = fail(Errc::refused, "nobody listens");
  pass(3min);
  EXPECT_THAT(findings(), ElementsAre("lifecycle_disabled"));
}

TEST_F(PreflightMonitorTest, AnotherNumberOfQueuesIsComparedAtOnce) {
  flags().flush_deadline = 2s;
  start();
  EXPECT_THAT(findings(), IsEmpty());
  monitor_.leader_queues(3);
  pass(0s);
  EXPECT_THAT(monitor_.findings(), ElementsAre(AllOf(Field(&Finding::id, "flush_deadline_too_long"),
                                                     Field(&Finding::message, HasSubstr("3 queues")))));
  monitor_.leader_queues(0);
  pass(0s);
  EXPECT_THAT(findings(), IsEmpty());
}

}  // namespace
}  // namespace promfleet::elector
