#include "elector/config/role_configs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/yaml/parse.h"

namespace promfleet::elector {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

const Environment kNoSubstitution;

std::optional<std::string> pod_name_only(std::string_view name) {
  return name == "POD_NAME" ? std::optional<std::string>("prom-0") : std::nullopt;
}

RoleConfigs two_section(std::string text, const Environment& environment = kNoSubstitution) {
  Result<RoleConfigs> built = build_two_section({"elector.yaml", std::move(text)}, environment);
  EXPECT_TRUE(built) << (built ? "" : built.error().message());
  return built ? *std::move(built) : RoleConfigs{};
}

std::string two_section_error(std::string text, const Environment& environment = kNoSubstitution) {
  const Result<RoleConfigs> built = build_two_section({"elector.yaml", std::move(text)}, environment);
  return built ? "no error" : built.error().message();
}

Result<RoleConfigs> whole(std::string text, std::optional<std::string> leader) {
  std::optional<ConfigInput> leader_input;
  if (leader) leader_input = {"leader.yaml", *std::move(leader)};
  return build_operator({"prometheus.yaml", std::move(text)}, leader_input, kNoSubstitution);
}

std::string whole_error(std::string text, std::optional<std::string> leader) {
  const Result<RoleConfigs> built = whole(std::move(text), std::move(leader));
  return built ? "no error" : built.error().message();
}

TEST(TwoSectionConfig, LeaderIsLaidOverTheFollower) {
  const RoleConfigs configs = two_section(
      "follower:\n  global: {scrape_interval: 0123}\n"
      "leader:\n  global: {external_labels: {a: \"on\"}}\n  remote_write: [{url: http://u:p@hub}]\n");
  EXPECT_EQ(configs.follower, "global:\n  scrape_interval: 0123\n");
  EXPECT_EQ(configs.leader,
            "global:\n  scrape_interval: 0123\n  external_labels:\n    a: \"on\"\n"
            "remote_write:\n  - url: http://u:p@hub\n");
  EXPECT_EQ(configs.leader_additions,
            "global:\n  external_labels:\n    a: \"on\"\nremote_write:\n  - url: http://<secret>@hub\n");
  EXPECT_THAT(configs.warnings, IsEmpty());
}

TEST(TwoSectionConfig, RemoteWritesOfEachRoleAreListed) {
  const RoleConfigs configs = two_section(
      "follower: {remote_write: [{url: http://all}]}\n"
      "leader: {remote_write: [{url: http://hub, name: hub}]}\n");
  EXPECT_THAT(configs.follower_writes, ElementsAre(RemoteWrite{.name = "", .url = "http://all"}));
  EXPECT_THAT(configs.leader_writes, ElementsAre(RemoteWrite{.name = "", .url = "http://all"},
                                                 RemoteWrite{.name = "hub", .url = "http://hub"}));
}

TEST(TwoSectionConfig, RemoteWriteThatIsNoListIsWarnedOfAndLeftToPrometheus) {
  const RoleConfigs configs = two_section("follower: {a: 1}\nleader:\n  remote_write: {url: http://hub}\n");
  EXPECT_THAT(configs.leader_writes, IsEmpty());
  EXPECT_THAT(configs.warnings, ElementsAre(StartsWith("elector.yaml: remote_write: line 3, ")));
}

TEST(TwoSectionConfig, LeaderMayBeAbsentOrEmpty) {
  const RoleConfigs plain = {.follower = "a: 1\n", .leader = "a: 1\n", .leader_additions = "", .warnings = {}};
  for (const std::string_view leader : {"", "leader:\n", "leader: null\n", "leader: {}\n"}) {
    EXPECT_EQ(two_section("follower: {a: 1}\n" + std::string(leader)), plain) << leader;
  }
}

TEST(TwoSectionConfig, FollowerMustBeThere) {
  for (const std::string_view text : {"", "leader: {a: 1}\n", "follower:\nleader: {a: 1}\n", "follower: null\n"}) {
    EXPECT_EQ(two_section_error(std::string(text)),
              "elector.yaml: the section follower, a Prometheus configuration, is missing or empty");
  }
  EXPECT_EQ(two_section("follower: {}").follower, "{}\n") << "Prometheus' defaults";
}

TEST(TwoSectionConfig, UnknownKeyNamesThePositionAndTheKnownOnes) {
  EXPECT_EQ(two_section_error("follower: {a: 1}\nleaders: {b: 1}\n"),
            "elector.yaml: line 2, column 1: unknown key \"leaders\"; known are follower, leader");
}

TEST(TwoSectionConfig, OtherKindsAreErrors) {
  EXPECT_EQ(two_section_error("[1]"), "elector.yaml: line 1, column 1: expected a mapping, found a sequence");
  EXPECT_EQ(two_section_error("follower: 1"), "elector.yaml: line 1, column 11: expected a mapping, found a scalar");
  EXPECT_EQ(two_section_error("follower: {}\nleader: []"),
            "elector.yaml: line 2, column 9: expected a mapping, found a sequence");
}

TEST(TwoSectionConfig, ErrorsOfYamlAndOfTheMergeNameTheFile) {
  EXPECT_EQ(two_section_error("follower:\n  a: 1\n  a: 2\n"),
            "elector.yaml: line 3, column 3: duplicate key \"a\"; the first is in line 2");
  EXPECT_THAT(two_section_error("follower: {a: 1}\nleader: {a: [1]}\n"),
              StartsWith("elector.yaml: line 2, column 13: \"a\" is a sequence for the leader"));
}

TEST(TwoSectionConfig, AnchorsReachAcrossTheSections) {
  const RoleConfigs configs = two_section("follower:\n  a: &x {b: 1}\nleader:\n  c: {<<: *x, d: 2}\n");
  EXPECT_EQ(configs.leader, "a:\n  b: 1\nc:\n  d: 2\n  b: 1\n");
}

TEST(TwoSectionConfig, MisnamedRemoteWriteIsAWarningWithItsPosition) {
  const RoleConfigs configs =
      two_section("follower: {remote_writes: []}\nleader:\n  remote_writes:\n    - url: http://x\n");
  EXPECT_THAT(configs.warnings,
              ElementsAre("elector.yaml: line 1, column 12: remote_writes: Prometheus' key is remote_write",
                          "elector.yaml: line 3, column 3: remote_writes: Prometheus' key is remote_write"));
  EXPECT_EQ(configs.leader, "remote_writes:\n  - url: http://x\n") << "Prometheus has the last word";
}

TEST(TwoSectionConfig, EnvironmentIsFilledInOnlyOnDemand) {
  const std::string text = "follower: {global: {external_labels: {replica: $(POD_NAME)}}}";
  EXPECT_THAT(two_section(text).follower, HasSubstr("replica: $(POD_NAME)"));
  EXPECT_THAT(two_section(text, pod_name_only).follower, HasSubstr("replica: prom-0"));
  EXPECT_EQ(two_section_error("follower: {a: $(SHARD)}", pod_name_only),
            "elector.yaml: line 1, column 15: the environment variable SHARD is not set");
}

TEST(OperatorConfig, LeaderConfigIsLaidOverTheWholeConfiguration) {
  const RoleConfigs configs = whole("{a: 1, remote_write: [{url: a}]}", "remote_write: [{url: b}]\n").value();
  EXPECT_EQ(configs.follower, "a: 1\nremote_write:\n  - url: a\n");
  EXPECT_EQ(configs.leader, "a: 1\nremote_write:\n  - url: a\n  - url: b\n");
  EXPECT_EQ(configs.leader_additions, "remote_write:\n  - url: b\n");
}

TEST(OperatorConfig, LeaderConfigMayBeAbsentOrEmpty) {
  const RoleConfigs plain = {.follower = "a: 1\n", .leader = "a: 1\n", .leader_additions = "", .warnings = {}};
  EXPECT_EQ(whole("a: 1", std::nullopt), plain);
  for (const std::string_view leader : {"", "# nothing\n", "null\n", "---\n", "{}\n"}) {
    EXPECT_EQ(whole("a: 1", std::string(leader)), plain) << leader;
  }
}

TEST(OperatorConfig, CompressedConfigurationIsRead) {
  // "a: 1\n" by gzip
  constexpr std::string_view kCompressed(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\xb4\x52\x30\xe4\x02\x00\x69\x19\x23\xe3\x05\x00\x00\x00", 25);
  EXPECT_EQ(whole(std::string(kCompressed), std::nullopt).value().follower, "a: 1\n");
  EXPECT_EQ(whole_error(std::string(kCompressed.substr(0, 20)), std::nullopt),
            "prometheus.yaml: the gzip data ends early");
}

TEST(OperatorConfig, ErrorsNameTheFileThatTheyAreIn) {
  EXPECT_EQ(whole_error("", std::nullopt), "prometheus.yaml: the file is empty");
  EXPECT_EQ(whole_error("[]", std::nullopt), "prometheus.yaml: line 1, column 1: expected a mapping, found a sequence");
  EXPECT_EQ(whole_error("a: 1", "x"), "leader.yaml: line 1, column 1: expected a mapping, found a scalar");
  EXPECT_THAT(whole_error("a: [", "x"), StartsWith("prometheus.yaml: line 2, column 1: "));
  EXPECT_THAT(whole_error("a: 1", "a: ["), StartsWith("leader.yaml: line 2, column 1: "));
  EXPECT_THAT(whole_error("a: 1", "a: [1]"), StartsWith("leader.yaml: line 1, column 4: \"a\" is a sequence"));
}

TEST(OperatorConfig, MisnamedRemoteWriteInTheLeaderConfigIsAWarning) {
  EXPECT_THAT(whole("a: 1", "remote_writes: []").value().warnings,
              ElementsAre("leader.yaml: line 1, column 1: remote_writes: Prometheus' key is remote_write"));
}

TEST(OperatorConfig, WrongRemoteWriteIsWarnedOfInTheFileThatItIsIn) {
  EXPECT_THAT(whole("remote_write: 5", "a: 1")->warnings, ElementsAre(StartsWith("prometheus.yaml: remote_write: ")));
  EXPECT_THAT(whole("a: 1", "remote_write: 5")->warnings, ElementsAre(StartsWith("leader.yaml: remote_write: ")));
}

TEST(OperatorConfig, RemoteWritesAreListedHoweverLongTheMergedTextIs) {
  const auto padded = [](std::string_view key, std::string_view more) {
    return fmt::format("{}: {}\n{}\n", key, std::string(9 << 20, 'x'), more);
  };
  const Result<RoleConfigs> configs =
      whole(padded("a", "remote_write: [{url: http://all}]"), padded("b", "remote_write: [{url: http://hub}]"));
  ASSERT_TRUE(configs);
  EXPECT_GT(configs->leader.size(), yaml::Limits{}.input_bytes_max);
  EXPECT_THAT(configs->leader_writes, SizeIs(2));
}

TEST(OperatorConfig, HugeAndBinaryInputsAreRefused) {
  EXPECT_EQ(whole_error(std::string((16 << 20) + 1, '#'), std::nullopt),
            "prometheus.yaml: the text has 16777217 bytes (limit 16777216)");
  EXPECT_THAT(whole_error(std::string(100, '\0'), std::nullopt), StartsWith("prometheus.yaml: line 1, column 1: "));
}

}  // namespace
}  // namespace promfleet::elector
