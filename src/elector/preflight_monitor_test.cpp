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
  CpuPool pool_{0};
  MemorySink sink_;
  PreflightMonitor monitor_{{.io = io_,
                             .clock = clock_,
                             .pool = pool_,
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

// With a gate that finds something in each configuration, and remembers which.
class PreflightMonitorWithAGateTest : public PreflightMonitorTest {
 protected:
  PreflightMonitorWithAGateTest() {
    prometheus_.config = std::string("global: {scrape_interval: 7s}\nscrape_configs: [{job_name: a}]\n");
  }
  ~PreflightMonitorWithAGateTest() override {
    run_until_done(io_, [this] { return gated_.close(); });
  }

  void start() {
    gated_.start();
    pass(0s);
  }

  std::vector<Duration> intervals_;
  LeaderAdds adds_ = LeaderAdds::no_remote_write;
  PreflightMonitor gated_{{.io = io_,
                           .clock = clock_,
                           .pool = pool_,
                           .prometheus = prometheus_,
                           .metrics = metrics_,
                           .log = Log(sink_, clock_, LogFormat::logfmt, LogLevel::info),
                           .inspect_writer =
                               [this](const WriterConfig& config, LeaderAdds adds) {
                                 intervals_.push_back(config.slowest_job->interval);
                                 adds_ = adds;
                                 return std::vector<Finding>{{.id = "gate_bypassed", .message = "past the gate"}};
                               }},
                          {.output = "/etc/out.yaml", .demotion_time = 5s}};
};

TEST_F(PreflightMonitorWithAGateTest, WhatPrometheusRunsIsInspectedAgainAndAgain) {
  start();
  EXPECT_THAT(gated_.findings(), ElementsAre(Field(&Finding::id, "gate_bypassed")));
  prometheus_.config = std::string("global: {scrape_interval: 9s}\nscrape_configs: [{job_name: a}]\n");
  pass(60s);
  gated_.look_again();
  pass(0s);
  EXPECT_THAT(intervals_, ElementsAre(7s, 9s, 9s));
  EXPECT_EQ(lines_of(sink_.text, "past the gate"), 1u);
}

TEST_F(PreflightMonitorWithAGateTest, GateIsToldWhetherTheLeaderWritesPastIt) {
  start();
  EXPECT_EQ(adds_, LeaderAdds::no_remote_write);
  gated_.leader_queues(1);
  pass(0s);
  EXPECT_EQ(adds_, LeaderAdds::remote_write);
}

TEST_F(PreflightMonitorWithAGateTest, FindingsStayWhileTheConfigurationCannotBeRead) {
  start();
  prometheus_.config = std::string("global: [");
  flags().lifecycle_enabled = false;
  pass(60s);
  EXPECT_THAT(gated_.findings(),
              ElementsAre(Field(&Finding::id, "lifecycle_disabled"), Field(&Finding::id, "gate_bypassed")));
  prometheus_.config = fail(Errc::refused, "nobody listens");
  pass(5s);
  EXPECT_EQ(gated_.findings().size(), 2u);
  EXPECT_EQ(intervals_.size(), 1u);
}

TEST_F(PreflightMonitorWithAGateTest, PrometheusThatCannotBeAskedIsAFinding) {
  prometheus_.started_with = fail(Errc::unsupported, "the reload URL does not end in /-/reload");
  start();
  EXPECT_THAT(gated_.findings(), ElementsAre(Field(&Finding::id, "gate_source_unknown")));
}

TEST_F(PreflightMonitorTest, WithoutAGateTheConfigurationIsNotAskedFor) {
  start();
  EXPECT_EQ(prometheus_.config_asked, 0);
}

}  // namespace
}  // namespace promfleet::elector
