#include "codec/yaml/parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace promfleet::yaml {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

Node tree(std::string_view text, const Limits& limits = {}) {
  Result<Node> parsed = parse(text, limits);
  EXPECT_TRUE(parsed) << text << "\n" << (parsed ? "" : parsed.error().message());
  return parsed ? *std::move(parsed) : Node{};
}

std::string error(std::string_view text, const Limits& limits = {}) {
  const Result<Node> parsed = parse(text, limits);
  return parsed ? "no error" : parsed.error().message();
}

const Node& value(const Node& mapping, std::string_view key) {
  for (const Entry& entry : *mapping.mapping()) {
    if (entry.name() == key) return entry.value;
  }
  ADD_FAILURE() << "no key " << key;
  return mapping;
}

Scalar scalar(std::string_view text) {
  return *value(tree(text), "a").scalar();
}

std::vector<std::string> keys(const Node& mapping) {
  std::vector<std::string> names;
  for (const Entry& entry : *mapping.mapping()) names.push_back(entry.name());
  return names;
}

TEST(YamlParse, ScalarsKeepTheirTextAndStyle) {
  EXPECT_EQ(scalar("a: 0123"), (Scalar{"0123", Style::plain}));
  EXPECT_EQ(scalar("a: 1.10"), (Scalar{"1.10", Style::plain}));
  EXPECT_EQ(scalar("a: yes"), (Scalar{"yes", Style::plain}));
  EXPECT_EQ(scalar("a: \"on\""), (Scalar{"on", Style::double_quoted}));
  EXPECT_EQ(scalar("a: 'rx\\.\\d+'"), (Scalar{"rx\\.\\d+", Style::single_quoted}));
  EXPECT_EQ(scalar("a: |\n  x\n  y\n"), (Scalar{"x\ny\n", Style::literal}));
}

TEST(YamlParse, FoldedScalarIsKeptAsALiteralOne) {
  EXPECT_EQ(scalar("a: >-\n  x\n  y\n\n  z\n"), (Scalar{"x y\nz", Style::literal}));
}

TEST(YamlParse, TextThatItsStyleCannotCarryOnOneLineIsDoubleQuoted) {
  EXPECT_EQ(scalar("a: 'x\n\n  y'"), (Scalar{"x\ny", Style::double_quoted}));
  EXPECT_EQ(scalar("a: x\n\n  y"), (Scalar{"x\ny", Style::double_quoted}));
}

TEST(YamlParse, TagsAreKeptInTheirShortForm) {
  const Node root = tree("a: !!str 1\nb: !local x\nc: !!set {}\n");
  EXPECT_EQ(value(root, "a").tag, "!!str");
  EXPECT_EQ(value(root, "b").tag, "!local");
  EXPECT_EQ(value(root, "c").tag, "!!set");
}

TEST(YamlParse, OtherTagsAreRefused) {
  EXPECT_EQ(error("a: !<tag:example.com,2000:x> 1"),
            "line 1, column 4: the tag \"tag:example.com,2000:x\" is not supported");
}

TEST(YamlParse, MappingsKeepTheirOrder) {
  EXPECT_THAT(keys(tree("b: 1\na: 2\nc: 3")), testing::ElementsAre("b", "a", "c"));
}

TEST(YamlParse, EveryNodeHasItsPosition) {
  const Node root = tree("# first line\na:\n  - b: grün\n    ü: x");
  const Node& item = value(root, "a").sequence()->front();
  const Entry& last = item.mapping()->back();
  EXPECT_EQ(last.key.mark.line, 4U);
  EXPECT_EQ(last.key.mark.column, 5U);
  EXPECT_EQ(last.value.mark.column, 8U) << "a column is a character, not a byte";
}

TEST(YamlParse, NothingIsNull) {
  for (const std::string_view text : {"", " \n", "# a comment\n", "---\n", "--- ~", "null", "\xEF\xBB\xBF"}) {
    EXPECT_TRUE(tree(text).is_null()) << text;
  }
  for (const std::string_view text : {"''", "'null'", "!!str", "nUll", "0", "{}"}) {
    EXPECT_FALSE(tree(text).is_null()) << text;
  }
}

TEST(YamlParse, ByteOrderMarkIsSkipped) {
  EXPECT_EQ(tree("\xEF\xBB\xBF"
                 "a: 1"),
            tree("a: 1"));
}

TEST(YamlParse, BytesThatAreNotTextAreRefusedWithTheirPosition) {
  using namespace std::string_view_literals;
  for (const std::string_view bad :
       {"\x00"sv, "\xFF\xFE"sv, "\x07"sv, "\xC3\x28"sv, "\xED\xA0\x80"sv, "\xEF\xBF\xBE"sv}) {
    EXPECT_THAT(error("a: 1\nb: " + std::string(bad)), StartsWith("line 2, column ")) << testing::PrintToString(bad);
  }
  EXPECT_THAT(error("\xFF\xFE"
                    "a\0:\0"sv),
              HasSubstr("the text must be UTF-8"));
  EXPECT_THAT(error("a: ok\nb: \xC3"), StartsWith("line 2, column 4: incomplete UTF-8"));
  std::string long_text;
  for (int line = 0; line < 50'000; ++line) long_text += "- ü\n";
  EXPECT_THAT(error(long_text + "- \x01"), StartsWith("line 50001, column 3: control characters"));
}

TEST(YamlParse, LineBreaksOfOtherSystemsAreLineBreaks) {
  EXPECT_EQ(tree("a: 1\r\nb: |\r\n  x\r\n"), tree("a: 1\nb: |\n  x\n"));
}

TEST(YamlParse, SyntaxErrorNamesTheLineAndTheColumn) {
  EXPECT_EQ(error("a: 1\nb: [1, 2\nc: 3\n"),
            "line 3, column 2: did not find expected ',' or ']' while parsing a flow sequence that begins in line 2");
  EXPECT_EQ(error("a: b: c"), "line 1, column 5: mapping values are not allowed in this context");
  EXPECT_EQ(parse("a: b: c").error().code(), Errc::invalid_input);
}

TEST(YamlParse, DuplicateKeyIsAnErrorThatNamesBothLines) {
  EXPECT_EQ(error("a: 1\nb: 2\na: 3\n"), "line 3, column 1: duplicate key \"a\"; the first is in line 1");
  EXPECT_THAT(error("a: 1\n'a': 3\n"), StartsWith("line 2, column 1: duplicate key")) << "whatever the style";
}

TEST(YamlParse, LongKeysAreCutInMessagesBetweenCharacters) {
  const std::string key = std::string(63, 'k') + "üüü";
  const std::string message = error(key + ": 1\n" + key + ": 2\n");
  EXPECT_THAT(message, HasSubstr("\"" + std::string(63, 'k') + "...\""));
}

TEST(YamlParse, KeyMustBeAScalar) {
  EXPECT_EQ(error("? [a]\n: 1"), "line 1, column 3: a key must be a scalar, this is a sequence");
}

TEST(YamlParse, SecondDocumentIsAnError) {
  EXPECT_EQ(error("a: 1\n---\nb: 2\n"), "line 2, column 1: a second document begins here; a file holds one");
  EXPECT_EQ(tree("---\na: 1\n...\n"), tree("a: 1"));
}

TEST(YamlAlias, BecomesACopyOfWhatItNames) {
  EXPECT_EQ(tree("a: &x {b: [1]}\nc: *x\n"), tree("a: {b: [1]}\nc: {b: [1]}\n"));
  EXPECT_EQ(tree("&k a: 1\nb: *k\n"), tree("a: 1\nb: a\n")) << "a key can be named too";
}

TEST(YamlAlias, NamesTheLastAnchorBeforeIt) {
  EXPECT_EQ(tree("- &x 1\n- *x\n- &x 2\n- *x\n"), tree("[1, 1, 2, 2]"));
  EXPECT_EQ(tree("- &x [&x 1]\n- *x\n"), tree("[[1], 1]"));
}

TEST(YamlAlias, NeedsACompleteAnchorBeforeIt) {
  EXPECT_EQ(error("a: *x\nb: &x 1\n"), "line 1, column 4: the alias \"*x\" has no anchor before it");
  EXPECT_EQ(error("a: &x [*x]"), "line 1, column 8: the alias \"*x\" is inside of what it names");
  EXPECT_THAT(error("- &x 1\n- &x [*x]\n"), HasSubstr("inside of what it names"));
}

TEST(YamlMergeKey, ExplicitKeysWinWhereverTheyStand) {
  EXPECT_EQ(tree("x: &x {a: 1, b: 2}\ny:\n  b: 3\n  <<: *x\n"), tree("x: {a: 1, b: 2}\ny: {b: 3, a: 1}\n"));
  EXPECT_EQ(tree("x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3\n"), tree("x: {a: 1, b: 2}\ny: {b: 3, a: 1}\n"));
}

TEST(YamlMergeKey, FirstOfSeveralMappingsWins) {
  EXPECT_EQ(tree("<<: [{a: 1}, {a: 2, b: 2}]\n"), tree("a: 1\nb: 2\n"));
}

TEST(YamlMergeKey, IsResolvedInsideWhatIsMerged) {
  EXPECT_EQ(tree("- &x {a: 1}\n- &y {<<: *x, b: 2}\n- {<<: *y, c: 3}\n"),
            tree("- {a: 1}\n- {b: 2, a: 1}\n- {c: 3, b: 2, a: 1}\n"));
}

TEST(YamlMergeKey, QuotedIsAnOrdinaryKey) {
  EXPECT_THAT(keys(tree("'<<': {a: 1}")), testing::ElementsAre("<<"));
}

TEST(YamlMergeKey, NeedsMappings) {
  EXPECT_EQ(error("<<: 1"), "line 1, column 5: << needs a mapping or a sequence of mappings, this is a scalar");
  EXPECT_EQ(error("<<: [{}, [1]]"),
            "line 1, column 10: << needs a mapping or a sequence of mappings, this is a sequence");
  EXPECT_THAT(error("<<: "), HasSubstr("this is null"));
  EXPECT_THAT(error("<<: {a: 1}\n<<: {b: 1}\n"), HasSubstr("duplicate key \"<<\""));
}

TEST(YamlLimits, TextOfTheFullSizeIsReadAndOneByteMoreIsNot) {
  std::string text = "a: '" + std::string(Limits{}.input_bytes_max - 5, 'x') + "'";
  ASSERT_EQ(text.size(), Limits{}.input_bytes_max);
  EXPECT_EQ(scalar(text).text.size(), text.size() - 5);
  const Result<Node> refused = parse(text + "\n");
  EXPECT_EQ(refused.error().code(), Errc::limit_exceeded);
  EXPECT_EQ(refused.error().message(), "the text has 16777217 bytes (limit 16777216)");
}

TEST(YamlLimits, DepthIsBounded) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(parse(nested(200)));
  EXPECT_EQ(error(nested(201)), "line 1, column 201: nested too deep, aliases expanded (limit 200)");
  EXPECT_THAT(error(std::string(1 << 20, '[')), HasSubstr("nested too deep"));
  EXPECT_THAT(error(std::string(100'000, '[')), HasSubstr("line 1, column 201"));
}

TEST(YamlLimits, AliasesDoNotReachDeeperThanText) {
  const Limits limits{.depth_max = 5};
  EXPECT_TRUE(parse("- &x [[[1]]]\n- [*x]\n", limits));
  EXPECT_EQ(error("- &x [[[1]]]\n- [[*x]]\n", limits), "line 2, column 5: nested too deep, aliases expanded (limit 5)");
}

TEST(YamlLimits, BillionLaughsFailBeforeTheyAreBuilt) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int level = 1; level <= 9; ++level) {
    const std::string below = "*a" + std::to_string(level - 1);
    const std::string name = "a" + std::to_string(level);
    text += name + ": &" + name + " [" + below;
    for (int count = 1; count < 10; ++count) text += ", " + below;
    text += "]\n";
  }
  const Result<Node> refused = parse(text);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Errc::limit_exceeded);
  EXPECT_THAT(refused.error().message(), HasSubstr("too many keys and values, aliases expanded (limit 2000000)"));
}

TEST(YamlLimits, ManyAliasesOfALongTextFailBeforeTheyAreBuilt) {
  std::string text = "a: &x " + std::string(1 << 20, 'x') + "\nb: [*x";
  for (int count = 0; count < 1000; ++count) text += ",*x";
  EXPECT_THAT(error(text + "]"), HasSubstr("too many bytes of text, aliases expanded (limit 67108864)"));
}

TEST(YamlLimits, TagPrefixesCountAsText) {
  const Limits limits{.expanded_bytes_max = 100};
  EXPECT_THAT(error("- !" + std::string(150, 't') + " x\n", limits), HasSubstr("too many bytes of text"));
}

TEST(YamlLimits, IndentationCountsAsText) {
  const Limits limits{.expanded_bytes_max = 60};
  EXPECT_TRUE(parse("[x, x, x, x, x]", limits));
  EXPECT_THAT(error("[[[[[[x, x, x, x, x]]]]]]", limits), HasSubstr("too many bytes of text"));
}

TEST(YamlLimits, DirectivesAreBounded) {
  std::string text;
  for (int count = 0; count < 65; ++count) text += "%TAG !a" + std::to_string(count) + "! tag:yaml.org,2002:\n";
  EXPECT_EQ(error(text + "---\n!a1!str x"), "65 lines begin with % (limit 64)");
  EXPECT_EQ(tree("%TAG !a! tag:yaml.org,2002:\n---\n!a!str x").tag, "!!str");
}

TEST(YamlLimits, NumberOfNodesIsBounded) {
  const Limits limits{.nodes_max = 5};
  EXPECT_TRUE(parse("{a: 1, b: 2}", limits));
  EXPECT_EQ(error("{a: 1, b: 2, c: 3}", limits),
            "line 1, column 14: too many keys and values, aliases expanded (limit 5)");
}

}  // namespace
}  // namespace promfleet::yaml
