#include "elector/config/merge.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/yaml/emit.h"
#include "codec/yaml/parse.h"

namespace promfleet::elector {
namespace {

using ::testing::HasSubstr;

// YAML text in, YAML text out; an error is its message.
std::string merged(const std::string& follower, const std::string& leader) {
  const Result<yaml::Node> result = merge(yaml::parse(follower).value(), yaml::parse(leader).value());
  return result ? yaml::emit(*result) : result.error().message();
}

std::string canonical(const std::string& text) {
  return yaml::emit(yaml::parse(text).value());
}

constexpr std::array<std::string_view, 11> kValues = {"absent", "null", "0",  "1",      "false",      "''",
                                                      "[]",     "[1]",  "{}", "{k: 1}", "{j: {z: 2}}"};

struct Row {
  std::string_view follower;
  std::array<std::string_view, kValues.size()> results;  // for each of kValues as the leader's
};

// What mergo 0.3.16 (WithOverride, WithAppendSlice) makes of yaml.v2's maps. F: the follower's value, L: the leader's,
// E: an error.
constexpr std::array<Row, kValues.size()> kMergo = {{
    {"absent", {"L", "L", "L", "L", "L", "L", "L", "L", "L", "L", "L"}},
    {"null", {"F", "L", "L", "L", "L", "L", "L", "L", "L", "L", "L"}},
    {"0", {"F", "L", "L", "L", "L", "L", "E", "E", "L", "L", "L"}},
    {"1", {"F", "L", "L", "L", "L", "L", "E", "E", "L", "L", "L"}},
    {"false", {"F", "L", "L", "L", "L", "L", "E", "E", "L", "L", "L"}},
    {"''", {"F", "L", "L", "L", "L", "L", "E", "E", "L", "L", "L"}},
    {"[]", {"F", "L", "L", "L", "L", "L", "L", "L", "L", "L", "L"}},
    {"[1]", {"F", "L", "L", "L", "L", "L", "F", "[1, 1]", "L", "L", "L"}},
    {"{}", {"F", "L", "L", "L", "L", "L", "E", "E", "L", "L", "L"}},
    {"{k: 1}", {"F", "L", "L", "L", "L", "L", "E", "E", "F", "L", "{k: 1, j: {z: 2}}"}},
    {"{j: {z: 2}}", {"F", "L", "L", "L", "L", "L", "E", "E", "F", "{j: {z: 2}, k: 1}", "L"}},
}};

std::string document(std::string_view value) {
  return value == "absent" ? "{b: 1}" : "{b: 1, a: " + std::string(value) + "}";
}

TEST(Merge, GivesWhatMergoGivesForEachPairOfKinds) {
  for (const Row& row : kMergo) {
    for (std::size_t column = 0; column < kValues.size(); ++column) {
      const std::string_view leader = kValues[column];
      const std::string_view cell = row.results[column];
      const std::string result = merged(document(row.follower), document(leader));
      const std::string nested = merged("{g: " + document(row.follower) + "}", "{g: " + document(leader) + "}");
      SCOPED_TRACE("follower " + std::string(row.follower) + ", leader " + std::string(leader));
      if (cell == "E") {
        EXPECT_THAT(result, HasSubstr("\"a\" is a sequence for the leader"));
        EXPECT_THAT(nested, HasSubstr("\"g.a\" is a sequence for the leader"));
        continue;
      }
      const std::string expected = document(cell == "F" ? row.follower : cell == "L" ? leader : cell);
      EXPECT_EQ(result, canonical(expected));
      EXPECT_EQ(nested, canonical("{g: " + expected + "}"));
    }
  }
}

TEST(Merge, KeysKeepTheFollowersOrderAndTheLeadersComeAfter) {
  EXPECT_EQ(merged("{c: 1, a: 2}", "{d: 3, a: 4, b: 5}"), "c: 1\na: 4\nd: 3\nb: 5\n");
}

TEST(Merge, SequencesAreAppendedAsTheyAre) {
  EXPECT_EQ(merged("remote_write: [{url: a, name: x}]", "remote_write: [{url: b, name: x}, [1]]"),
            "remote_write:\n  - url: a\n    name: x\n  - url: b\n    name: x\n  - - 1\n");
}

TEST(Merge, ScalarsKeepTheTextStyleAndTagOfTheirSide) {
  EXPECT_EQ(merged("{a: 0123, b: \"on\", c: 1.10}", "b: !!str 1e3\nd: 'yes'\nc: |+\n  x\n\n"),
            "a: 0123\nb: !!str 1e3\nc: |+\n  x\n\nd: 'yes'\n");
}

TEST(Merge, KeysAreTheSameByTheirText) {
  EXPECT_EQ(merged("{'on': 1}", "{on: 2}"), "'on': 2\n");
}

TEST(Merge, ErrorNamesThePathAndBothPositions) {
  EXPECT_EQ(
      merged("global:\n  labels: {a: b}\n", "# leader\nglobal:\n  labels:\n    - c\n"),
      "line 4, column 5: \"global.labels\" is a sequence for the leader, but a mapping for the follower (line 2)");
}

TEST(Merge, LargeMappingsAreMergedInOnePass) {
  constexpr int kKeys = 20'000;
  std::string follower;
  std::string leader;
  for (int key = 0; key < kKeys; ++key) {
    follower += "k" + std::to_string(key) + ": 1\n";
    leader += "k" + std::to_string(kKeys - 1 - key) + ": 2\n";
  }
  const yaml::Node result = merge(yaml::parse(follower).value(), yaml::parse(leader).value()).value();
  EXPECT_EQ(result.mapping()->size(), kKeys);
  EXPECT_EQ(result.mapping()->front().value.scalar()->text, "2");
}

}  // namespace
}  // namespace promfleet::elector
