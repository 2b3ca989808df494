#include "codec/yaml/fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/yaml/parse.h"

namespace promfleet::yaml {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class YamlFields : public ::testing::Test {
 protected:
  Fields fields(std::string_view text) {
    root_ = parse(text).value();
    return Fields::of(root_).value();
  }

 private:
  Node root_;
};

template <class T>
std::string message(const Result<T>& result) {
  return result ? "no error" : result.error().message();
}

TEST_F(YamlFields, StringIsTheTextOfAnyScalar) {
  const Fields root = fields("a: 0123\nb: 'x'\nc: |\n  y\nd: true\ne: !!str 1\n");
  EXPECT_EQ(root.string("a").value(), "0123");
  EXPECT_EQ(root.string("b").value(), "x");
  EXPECT_EQ(root.string("c").value(), "y\n");
  EXPECT_EQ(root.string("d").value(), "true");
  EXPECT_EQ(root.string("e").value(), "1");
}

TEST_F(YamlFields, AbsentAndNullAreNotSet) {
  const Fields root = fields("a:\nb: ~\n");
  for (const std::string_view key : {"a", "b", "c"}) {
    EXPECT_EQ(root.find(key), nullptr);
    EXPECT_EQ(root.string(key).value(), std::nullopt);
    EXPECT_EQ(root.boolean(key).value(), std::nullopt);
    EXPECT_THAT(root.strings(key).value(), IsEmpty());
    EXPECT_TRUE(root.sequence(key).value().empty());
    EXPECT_TRUE(root.fields(key).value().entries().empty());
  }
  EXPECT_EQ(fields("a: ''").string("a").value(), "") << "an empty string is set";
}

TEST_F(YamlFields, BooleanFollowsYaml11) {
  for (const std::string_view text :
       {"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON", "!!bool on"}) {
    EXPECT_EQ(fields("a: " + std::string(text)).boolean("a").value(), true) << text;
  }
  for (const std::string_view text : {"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"}) {
    EXPECT_EQ(fields("a: " + std::string(text)).boolean("a").value(), false) << text;
  }
  for (const std::string_view text : {"\"true\"", "'yes'", "1", "tRUE", "!!str true", "[true]"}) {
    EXPECT_FALSE(fields("a: " + std::string(text)).boolean("a")) << text;
  }
}

TEST_F(YamlFields, WrongKindsAreErrorsWithTheirPosition) {
  const Fields root = fields("a: {b: 1}\nc: [1, {}]\nd: x\ne: !!binary aGk=\n");
  EXPECT_EQ(message(root.string("a")), "line 1, column 4: expected a string, found a mapping");
  EXPECT_EQ(message(root.boolean("d")), "line 3, column 4: expected true or false without quotes, found \"x\"");
  EXPECT_EQ(message(root.fields("c")), "line 2, column 4: expected a mapping, found a sequence");
  EXPECT_EQ(message(root.sequence("a")), "line 1, column 4: expected a sequence, found a mapping");
  EXPECT_EQ(message(root.strings("c")), "line 2, column 8: expected a string, found a mapping");
  EXPECT_EQ(message(root.string("e")), "line 4, column 4: expected a string, found a scalar tagged !!binary");
}

TEST_F(YamlFields, SequencesAndFieldsNest) {
  const Fields root = fields("users: [{name: a}, {name: b}]\nsans: [x, 1]\n");
  EXPECT_THAT(root.strings("sans").value(), ElementsAre("x", "1"));
  const std::span<const Node> users = root.sequence("users").value();
  ASSERT_EQ(users.size(), 2U);
  EXPECT_EQ(Fields::of(users[1]).value().string("name").value(), "b");
}

TEST_F(YamlFields, UnknownKeyNamesThePositionAndTheKnownOnes) {
  const Fields root = fields("a: 1\nbb: 2\n");
  EXPECT_TRUE(root.only({"a", "bb"}));
  EXPECT_EQ(message(root.only({"a", "b"})), "line 2, column 1: unknown key \"bb\"; known are a, b");
}

TEST_F(YamlFields, OfNullHasNoFieldsAndOfAScalarFails) {
  EXPECT_TRUE(fields("").entries().empty());
  EXPECT_EQ(message(Fields::of(parse("[]").value())), "line 1, column 1: expected a mapping, found a sequence");
}

}  // namespace
}  // namespace promfleet::yaml
