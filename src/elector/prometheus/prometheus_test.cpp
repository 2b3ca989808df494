#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "elector/prometheus/health_threshold.h"
#include "elector/prometheus/preflight.h"
#include "elector/prometheus/running_queues.h"

namespace promfleet::elector {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(RunningQueues, AreReadFromTheShardsMetric) {
  EXPECT_EQ(parse_running_queues("# HELP prometheus_remote_storage_shards n\n"
                                 "prometheus_remote_storage_shards{remote_name=\"a\",url=\"http://x/?q=\\\"1\\\"\"} 1\n"
                                 "prometheus_remote_storage_shards_max{remote_name=\"a\",url=\"http://x\"} 200\n"
                                 "prometheus_remote_storage_shards{url=\"http://y\",remote_name=\"b\"} 0\n"),
            (std::vector<RunningQueue>{{.name = "a", .url = "http://x/?q=\"1\""}, {.name = "b", .url = "http://y"}}));
}

TEST(RunningQueues, BrokenLinesArePassedOver) {
  EXPECT_EQ(parse_running_queues("prometheus_remote_storage_shards{url=\"open\nprometheus_remote_storage_shards{x"),
            std::vector<RunningQueue>());
}

TEST(RunningQueues, PageThatIsNotPrometheusSaysNothing) {
  EXPECT_EQ(parse_running_queues("<html>log in</html>\n").error().code(), Errc::protocol);
  EXPECT_EQ(parse_running_queues("reloader_reloads_total 3\n").error().code(), Errc::protocol);
  EXPECT_EQ(parse_running_queues("prometheus_build_info{version=\"3\"} 1\n"), std::vector<RunningQueue>());
}

TEST(RunningQueues, EachAllowedQueueStandsForOne) {
  const RunningQueue unnamed{.name = "", .url = "http://x"};
  const RunningQueue named{.name = "tenant", .url = "http://x"};
  const RunningQueue hashed{.name = "5f2a", .url = "http://x"};
  EXPECT_TRUE(is_subset({}, {}));
  EXPECT_TRUE(is_subset({hashed}, {unnamed}));
  EXPECT_TRUE(is_subset({hashed, named}, {unnamed, named}));
  EXPECT_FALSE(is_subset({hashed, named}, {unnamed}));
  EXPECT_FALSE(is_subset({hashed}, {named}));
  EXPECT_FALSE(is_subset({{.name = "5f2a", .url = "http://y"}}, {unnamed}));
}

TEST(RunningQueues, ThoseOfAConfigurationHaveItsNamesOrNone) {
  EXPECT_EQ(queues_in("remote_write: [{url: http://a}, {name: b, url: http://b}]"),
            (std::vector<RunningQueue>{{.name = "", .url = "http://a"}, {.name = "b", .url = "http://b"}}));
  EXPECT_EQ(queues_in("global: {}"), std::vector<RunningQueue>());
  EXPECT_EQ(queues_in("remote_write: http://a").error().code(), Errc::invalid_input);
  EXPECT_EQ(queues_in("remote_write: [").error().code(), Errc::invalid_input);
}

TEST(HealthThreshold, ChangesAfterEnoughResultsInARow) {
  HealthThreshold threshold(2, 3);
  EXPECT_EQ(threshold.add(Health::unhealthy), Health::healthy);
  EXPECT_EQ(threshold.add(Health::unhealthy), Health::healthy);
  EXPECT_EQ(threshold.add(Health::healthy), Health::healthy);
  EXPECT_EQ(threshold.add(Health::unhealthy), Health::healthy);
  EXPECT_EQ(threshold.add(Health::unhealthy), Health::healthy);
  EXPECT_EQ(threshold.add(Health::unhealthy), Health::unhealthy);
  EXPECT_EQ(threshold.add(Health::healthy), Health::unhealthy);
  EXPECT_EQ(threshold.add(Health::healthy), Health::healthy);
}

const PreflightNeeds kNeeds{.output = "/etc/prometheus/out.yaml", .demotion_time = 5s, .leader_queues = 2};

TEST(Preflight, NothingToSayWhenEverythingFits) {
  EXPECT_THAT(
      preflight({.lifecycle_enabled = true, .config_file = "/other/mount/out.yaml", .flush_deadline = 1s}, kNeeds),
      IsEmpty());
}

TEST(Preflight, EachFindingSaysWhatToDo) {
  const auto findings = preflight(
      {.lifecycle_enabled = false, .config_file = "/etc/prometheus/prometheus.yml", .flush_deadline = 1min}, kNeeds);
  EXPECT_THAT(findings,
              ElementsAre(Field(&Finding::message, HasSubstr("--web.enable-lifecycle")),
                          Field(&Finding::message, HasSubstr("--config.file=/etc/prometheus/out.yaml")),
                          Field(&Finding::message, HasSubstr("--storage.remote.flush-deadline=1999ms or less"))));
}

TEST(Preflight, FlushDeadlineDoesNotMatterWithoutAQueueOfTheLeader) {
  PreflightNeeds needs = kNeeds;
  needs.leader_queues = 0;
  EXPECT_THAT(preflight({.lifecycle_enabled = true, .config_file = "", .flush_deadline = 1min}, needs), IsEmpty());
}

TEST(Preflight, ShortLeaseIsToldToGrow) {
  PreflightNeeds needs = kNeeds;
  needs.demotion_time = 1s;
  const auto findings = preflight({.lifecycle_enabled = true, .config_file = "", .flush_deadline = 1s}, needs);
  EXPECT_THAT(findings, ElementsAre(Field(&Finding::message, HasSubstr("make -lease-duration longer"))));
}

TEST(PrometheusFlags, AreReadFromTheApi) {
  const auto flags = parse_flags(R"({"status":"success","data":{"web.enable-lifecycle":"true","config.file":"/a/b.yaml",
                                     "storage.remote.flush-deadline":"1m"}})");
  ASSERT_TRUE(flags);
  EXPECT_EQ(flags->lifecycle_enabled, true);
  EXPECT_EQ(flags->config_file, "/a/b.yaml");
  EXPECT_EQ(flags->flush_deadline, 1min);
}

TEST(PrometheusFlags, WhatIsNotTheApiIsAnError) {
  EXPECT_FALSE(parse_flags("<html>"));
}

}  // namespace
}  // namespace promfleet::elector
