#include "elector/gate/gate_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/os/simulated_file_system.h"

namespace promfleet::elector {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class GateConfigTest : public testing::Test {
 protected:
  Result<GateConfig> load(std::string_view text) {
    EXPECT_TRUE(files_.replace("/etc/gate.yaml", text, 0600));
    auth::Sources sources(files_);
    return load_gate_config(sources, "/etc/gate.yaml", "infra/prometheus", {});
  }
  std::string error_of(std::string_view text) { return load(text).error().message(); }

  SimulatedFileSystem files_;
};

TEST_F(GateConfigTest, EntryHasSaneDefaults) {
  const GateConfig config = load("- url: http://hub:9201/api/v1/write\n").value();
  const GateEntry& entry = config.entries.at(0);
  EXPECT_EQ(entry.path, "/api/v1/write");
  EXPECT_EQ(entry.name, "/api/v1/write");
  EXPECT_EQ(entry.group, "infra/prometheus");
  EXPECT_EQ(entry.remote_timeout, 30s);
  EXPECT_EQ(entry.lateness, 90s);
  EXPECT_EQ(entry.hold, 25s);
  EXPECT_EQ(entry.held_bytes_max, std::size_t{64} << 20);
  EXPECT_EQ(entry.version, std::nullopt);
}

TEST_F(GateConfigTest, EveryKeyIsRead) {
  ASSERT_TRUE(files_.replace("/etc/token", "hush\n", 0600));
  const GateConfig config = load(R"(
remote_write:
  - url: http://hub/w?x=1
    name: hub
    path: /hub
    group: other
    remote_timeout: 10s
    lateness: 3s
    hold: 5s
    max_held_bytes: 1MiB
    drop_labels: [prometheus_replica]
    protobuf_message: io.prometheus.write.v2.Request
    headers: {X-Scope-OrgID: team}
    authorization: {credentials_file: token}
)")
                                .value();
  const GateEntry& entry = config.entries.at(0);
  EXPECT_EQ(entry.url.target, "/w?x=1");
  EXPECT_EQ(entry.name, "hub");
  EXPECT_EQ(entry.path, "/hub");
  EXPECT_EQ(entry.group, "other");
  EXPECT_EQ(entry.remote_timeout, 10s);
  EXPECT_EQ(entry.lateness, 3s);
  EXPECT_EQ(entry.hold, 5s);
  EXPECT_EQ(entry.held_bytes_max, std::size_t{1} << 20);
  EXPECT_THAT(entry.drop_labels, testing::ElementsAre("prometheus_replica"));
  EXPECT_EQ(entry.version, remote_write::Version::v2);
  EXPECT_EQ(entry.client.fields.find("X-Scope-OrgID"), "team");
  EXPECT_EQ(entry.client.fields.find("Authorization"), "Bearer hush");
}

TEST_F(GateConfigTest, WhatBelongsToPrometheusIsNamed) {
  EXPECT_THAT(error_of("- {url: 'http://hub/', queue_config: {max_shards: 1}}\n"),
              AllOf(HasSubstr("/etc/gate.yaml: line 1"), HasSubstr("queue_config stays in Prometheus' own")));
  EXPECT_THAT(error_of("- {url: 'http://hub/', write_relabel_configs: []}\n- 1\n"), HasSubstr("gate-values"));
}

TEST_F(GateConfigTest, MistakesAreNamedWithTheirPlace) {
  EXPECT_THAT(error_of(""), HasSubstr("no entry"));
  EXPECT_THAT(error_of("- {name: a}\n"), HasSubstr("url is missing"));
  EXPECT_THAT(error_of("- {url: 'http://hub/', hold: 10m}\n"), HasSubstr("hold: must be from 1s to 5m"));
  EXPECT_THAT(error_of("- {url: 'http://hub/', lateness: soon}\n"), HasSubstr("lateness: \"soon\" is not a duration"));
  EXPECT_THAT(error_of("- {url: 'http://hub/', max_held_bytes: much}\n"), HasSubstr("is not a size"));
  EXPECT_THAT(error_of("- {url: 'http://hub/', path: write}\n"), HasSubstr("path: must begin with /"));
  EXPECT_THAT(error_of("- {url: 'http://hub/', protobuf_message: x}\n"), HasSubstr("use prometheus.WriteRequest"));
  EXPECT_THAT(error_of("- {url: 'http://hub/', name: \"\\u00e9\"}\n"), HasSubstr("printable ASCII"));
  EXPECT_THAT(error_of("- {url: 'http://hub/', lateless: 3s}\n"), HasSubstr("unknown"));
  EXPECT_THAT(error_of("remote_writes: []\n"), HasSubstr("unknown key"));
}

TEST_F(GateConfigTest, EntriesDoNotShareAPathOrAName) {
  EXPECT_THAT(error_of("- {url: 'http://a/'}\n- {url: 'http://b/'}\n"),
              AllOf(HasSubstr("line 2"), HasSubstr("give each entry its own")));
  EXPECT_THAT(error_of("- {url: 'http://a/', name: x}\n- {url: 'http://b/', name: x, path: /b}\n"),
              HasSubstr("name \"x\" is another entry's too"));
}

TEST_F(GateConfigTest, StreamsOfOneDestinationHaveOneLateness) {
  EXPECT_THAT(error_of("- {url: 'http://a/'}\n- {url: 'http://a/', path: /b, lateness: 3s}\n"),
              HasSubstr("lateness differs"));
}

TEST_F(GateConfigTest, SecretsAreNotRepeatedInErrors) {
  EXPECT_THAT(error_of("- {url: 'http://user:hush@hub/'}\n"), Not(HasSubstr("hush")));
  EXPECT_THAT(error_of("- {url: 'http://hub/', basic_auth: {username: u, hush: 1}}\n"), Not(HasSubstr("hush")));
}

TEST_F(GateConfigTest, CredentialsMayChangeWhileItRunsAndDestinationsNot) {
  const GateConfig config = load("- {url: 'http://hub/'}\n").value();
  EXPECT_TRUE(has_same_streams(config, load("- {url: 'http://hub/', hold: 5s, bearer_token: x}\n").value()));
  EXPECT_FALSE(has_same_streams(config, load("- {url: 'http://other/'}\n").value()));
  EXPECT_FALSE(has_same_streams(config, load("- {url: 'http://hub/'}\n- {url: 'http://b/', path: /b}\n").value()));
}

}  // namespace
}  // namespace promfleet::elector
