#include "codec/yaml/emit.h"

#include <gtest/gtest.h>

#include "codec/yaml/parse.h"

namespace promfleet::yaml {
namespace {

// What comes out when `text` goes in; checks on the way that the output is read as an equal tree.
std::string again(std::string_view text) {
  const Result<Node> tree = parse(text);
  if (!tree) return tree.error().message();
  std::string out = emit(*tree);
  const Result<Node> read = parse(out);
  EXPECT_TRUE(read) << out << (read ? "" : read.error().message());
  if (read) {
    EXPECT_EQ(*read, *tree) << text << "\nbecame\n" << out;
    EXPECT_EQ(emit(*read), out);
  }
  return out;
}

TEST(YamlEmit, WritesBlocksWithTwoSpacesALevel) {
  EXPECT_EQ(
      again("{global: {scrape_interval: 15s}, scrape_configs: [{job_name: a, static_configs: [{targets: [b, c]}]}]}"),
      "global:\n"
      "  scrape_interval: 15s\n"
      "scrape_configs:\n"
      "  - job_name: a\n"
      "    static_configs:\n"
      "      - targets:\n"
      "          - b\n"
      "          - c\n");
}

TEST(YamlEmit, ScalarsComeOutAsTheyWereWritten) {
  for (const std::string_view text : {
           "a: 0123\n",
           "a: yes\n",
           "a: 1.10\n",
           "a: 1e3\n",
           "a: \"on\"\n",
           "a: 'rx\\.\\d+'\n",
           "a: ~\n",
           "a: null\n",
           "a:\n",
           "a: ''\n",
           "a: \"\"\n",
           "a: '   '\n",
           "a: \"  \"\n",
           "a: 0x1F\n",
           "a: 1_000\n",
           "a: 190:20:30\n",
           "a: 2001-12-14t21:59:43.10-05:00\n",
           "a: .inf\n",
           "a: -1\n",
           "a: 'it''s'\n",
           "a: \"say \\\"x\\\" \\\\ y\"\n",
           "a: !!str 0123\n",
           "a: !!binary aGk=\n",
           "a: !local x\n",
           "a: !!str\n",
           "a: http://x:9090/y?z=1#f\n",
           "a: x,y [z] {w} & * ! | > % @ `\n",
           "a: -x\n",
           "a: ?x\n",
           "a: :x\n",
           "a: =\n",
           "a: <<\n",
           "a: grün, 日本語, 🚀\n",
           "a: \"🚀\"\n",
           "1: 2\n",
           "'on': \"off\"\n",
           "'<<': x\n",
           "!!str a: b\n",
       }) {
    EXPECT_EQ(again(text), text);
  }
}

TEST(YamlEmit, BlockScalarsKeepEveryLineBreakAtTheirEnd) {
  for (const std::string_view text : {
           "a: |-\n  x\nb: 1\n",
           "a: |\n  x\nb: 1\n",
           "a: |+\n  x\n\nb: 1\n",
           "a: |+\n  x\n\n\n\nb: 1\n",
           "a: |+\n  x\n\n",
           "a: |2+\n\n\nb: 1\n",
           "a: |-\nb: 1\n",
           "- |\n  x\n- - |\n    y\n",
       }) {
    EXPECT_EQ(again(text), text);
  }
}

TEST(YamlEmit, BlockScalarsKeepWhiteSpaceAtTheBeginningOfLines) {
  for (const std::string_view text : {
           "a: |2\n    x\n  y\n",
           "a: |2\n\n  x\n",
           "a: |2-\n     \n",
           "a: |2\n  \tx\n  y\n",
           "a: |\n  x\n  \ty\n   \n  # z\n",
           "- a: |2\n       x\n",
           "|2\n   x\n",
       }) {
    EXPECT_EQ(again(text), text);
  }
}

TEST(YamlEmit, LongScalarsStayOnOneLine) {
  std::string words = "word";
  for (int count = 0; count < 2000; ++count) words += " word";
  EXPECT_EQ(again("a: " + words + "\n"), "a: " + words + "\n");
  EXPECT_EQ(again("a: '" + words + "'\n"), "a: '" + words + "'\n");
}

TEST(YamlEmit, WhatIsNotPrintableIsEscaped) {
  EXPECT_EQ(again(R"(a: "\0\a\t\n\r\x1B\x7F\x85\L\P\uFEFF\uFFFE")"),
            R"(a: "\0\x07\t\n\r\x1B\x7F\x85\u2028\u2029\uFEFF\uFFFE")"
            "\n");
}

TEST(YamlEmit, StyleThatCannotCarryTheTextBecomesDoubleQuoted) {
  EXPECT_EQ(again("a: 'x\n\n  y'\n"), "a: \"x\\ny\"\n");
  EXPECT_EQ(again("a: |\n  x\xE2\x80\xA8  y\n"), "a: \"x\\u2028y\\n\"\n");
  for (const std::string_view text :
       {" x", "x ", "- x", "-", "a: b", "a:", "x #y", "#x", "[x", "'x", "---x", "...", "%x", "? x"}) {
    const Node handmade{.value = Scalar{std::string(text), Style::plain}, .tag = {}, .mark = {}};
    EXPECT_EQ(emit(handmade), "\"" + std::string(text) + "\"\n");
  }
}

TEST(YamlEmit, EmptyCollectionsAreWrittenInFlowStyle) {
  EXPECT_EQ(again("a: []\nb: {}\nc: [[], {}]\n"), "a: []\nb: {}\nc:\n  - []\n  - {}\n");
  EXPECT_EQ(again("!!set {}"), "!!set {}\n");
}

TEST(YamlEmit, TaggedCollectionsBeginOnANewLine) {
  EXPECT_EQ(again("!!map {a: !!omap [{b: 1}], c: [!x {d: 1}]}"), "!!map\na: !!omap\n  - b: 1\nc:\n  - !x\n    d: 1\n");
}

TEST(YamlEmit, KeysThatReadersWouldNotFindAreWrittenExplicitly) {
  EXPECT_EQ(again("? |\n  x\n  y\n: 1\n"), "? |\n  x\n  y\n: 1\n");
  EXPECT_EQ(again("- {? : 1}"), "- ?\n  : 1\n");
  const std::string long_key(1100, 'k');
  EXPECT_EQ(again("? " + long_key + "\n: {a: 1}\n"), "? " + long_key + "\n:\n  a: 1\n");
}

TEST(YamlEmit, ScalarsCanBeTheWholeDocument) {
  for (const std::string_view text : {"x\n", "'x'\n", "|\n  x\n", "|+\n  x\n\n", "[]\n", "!!str\n", "\n"}) {
    EXPECT_EQ(again(text), text);
  }
}

}  // namespace
}  // namespace promfleet::yaml
