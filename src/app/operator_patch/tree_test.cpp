#include "app/operator_patch/tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/yaml/emit.h"

namespace promfleet::operator_patch {
namespace {

using testing::HasSubstr;

TEST(OperatorPatchTree, AStringThatLooksLikeSomethingElseIsQuoted) {
  for (const char* const value : {"yes", "NO", "null", "12", "1.5", "-1", "", "~", "2s"}) {
    EXPECT_EQ(yaml::emit(text(value)), fmt::format("\"{}\"\n", value));
  }
  for (const char* const value : {"-config=a", "/etc", "prometheus-0", "$(SHARD)"}) {
    const bool is_plain = value[0] != '$';
    EXPECT_EQ(yaml::emit(text(value)), is_plain ? fmt::format("{}\n", value) : fmt::format("\"{}\"\n", value));
  }
}

TEST(OperatorPatchTree, AKeyKeepsItsPlaceWhenItsValueChanges) {
  yaml::Node node = map({{"a", literal("1")}, {"b", literal("2")}});
  set_all(std::get<yaml::Mapping>(node.value), map({{"c", literal("4")}, {"a", literal("3")}}));
  EXPECT_EQ(yaml::emit(node), "a: 3\nb: 2\nc: 4\n");
}

TEST(OperatorPatchTree, WhatIsRemovedNeedNotBeThere) {
  yaml::Mapping mapping = {{.key = text("a"), .value = literal("1")}, {.key = text("b"), .value = literal("2")}};
  remove(mapping, "c");
  remove(mapping, "a");
  EXPECT_EQ(yaml::emit({.value = mapping, .tag = {}, .mark = {}}), "b: 2\n");
}

TEST(OperatorPatchTree, WhatIsMissingOrNullIsMade) {
  yaml::Node node = map({{"none", yaml::Node()}, {"word", text("a")}});
  auto& mapping = std::get<yaml::Mapping>(node.value);
  ASSERT_TRUE(sequence_in(mapping, "none"));
  ASSERT_TRUE(mapping_in(mapping, "new"));
  EXPECT_EQ(yaml::emit(node), "none: []\nword: a\nnew: {}\n");
  EXPECT_THAT(mapping_in(mapping, "word").error().message(), HasSubstr("word is a scalar, not a mapping"));
}

TEST(OperatorPatchTree, AnItemIsFoundByItsNameOrAppended) {
  yaml::Sequence items = {map({{"name", text("a")}, {"at", text("/a")}})};
  set(**item_of(items, "name", "a"), "size", literal("1"));
  set(**item_of(items, "at", "/b"), "size", literal("2"));
  EXPECT_EQ(yaml::emit(list(items)), "- name: a\n  at: /a\n  size: 1\n- at: /b\n  size: 2\n");
}

}  // namespace
}  // namespace promfleet::operator_patch
