#include "elector/gate/writer_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace promfleet::elector {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

WriterConfig parsed(std::string_view text) {
  return parse_writer_config(text).value();
}

TEST(WriterConfig, TellsTheQueues) {
  const WriterConfig config = parsed(R"(
remote_write:
  - url: http://127.0.0.1:9096/api/v1/write
    name: hub
    remote_timeout: 1m
    queue_config: {min_shards: 1, max_shards: 50, batch_send_deadline: 500ms}
  - url: http://127.0.0.1:9096/b
)");
  ASSERT_EQ(config.queues.size(), 2u);
  EXPECT_EQ(config.queues[0].name, "hub");
  EXPECT_EQ(config.queues[0].url, "http://127.0.0.1:9096/api/v1/write");
  EXPECT_EQ(config.queues[0].min_shards, "1");
  EXPECT_EQ(config.queues[0].max_shards, "50");
  EXPECT_EQ(config.queues[0].remote_timeout, 1min);
  EXPECT_EQ(config.queues[0].batch_send_deadline, 500ms);
  EXPECT_EQ(config.queues[1].min_shards, std::nullopt);
  EXPECT_EQ(config.queues[1].remote_timeout, 30s);
  EXPECT_EQ(config.queues[1].batch_send_deadline, 5s);
}

TEST(WriterConfig, SlowestJobIsTheOneWithTheLongestIntervalAndTimeout) {
  const WriterConfig config = parsed(R"(
global: {scrape_interval: 30s, scrape_timeout: 20s}
scrape_configs:
  - job_name: as the global section
  - {job_name: slow, scrape_interval: 45s}
  - {job_name: often, scrape_interval: 5s}
)");
  ASSERT_TRUE(config.slowest_job);
  EXPECT_EQ(config.slowest_job->name, "slow");
  EXPECT_EQ(config.slowest_job->interval, 45s);
  EXPECT_EQ(config.slowest_job->timeout, 20s);
}

TEST(WriterConfig, WithoutAGlobalSectionPrometheusDefaultsCount) {
  const WriterConfig config = parsed("scrape_configs: [{job_name: a}]");
  EXPECT_EQ(config.slowest_job->interval, 1min);
  EXPECT_EQ(config.slowest_job->timeout, 10s);
  EXPECT_EQ(parsed("scrape_configs: [{job_name: a, scrape_interval: 5s}]").slowest_job->timeout, 5s);
  EXPECT_FALSE(parsed("").slowest_job);
}

TEST(WriterConfig, RulesAreEvaluatedAsTheGlobalSectionSays) {
  EXPECT_EQ(parsed("rule_files: [/rules/*.yml]").evaluation_interval, 1min);
  EXPECT_EQ(parsed("{global: {evaluation_interval: 5m}, rule_files: [/rules/*.yml]}").evaluation_interval, 5min);
  EXPECT_EQ(parsed("global: {evaluation_interval: 5m}").evaluation_interval, std::nullopt);
}

TEST(WriterConfig, ExternalLabelsAreTextsAsWritten) {
  EXPECT_THAT(parsed("global: {external_labels: {cluster: a, shard: 007}}").external_labels,
              ElementsAre(Pair("cluster", "a"), Pair("shard", "007")));
  EXPECT_THAT(parsed("global: {}").external_labels, IsEmpty());
}

TEST(WriterConfig, WhatPrometheusWouldNotAcceptIsAnError) {
  EXPECT_THAT(parse_writer_config("remote_write: {}").error().message(), HasSubstr("line 1, column 15"));
  EXPECT_FALSE(parse_writer_config("global: {scrape_interval: soon}"));
  EXPECT_FALSE(parse_writer_config("global: {external_labels: {a: [1]}}"));
  EXPECT_FALSE(parse_writer_config("<html>: ["));
}

}  // namespace
}  // namespace promfleet::elector
