#include "elector/gate/progress_text.h"

#include <gtest/gtest.h>

namespace promfleet::elector {
namespace {

TEST(GateProgress, IsWrittenAsTheFormatSays) {
  const GateProgress progress{.sent_ms = 1'767'323'045'678,
                              .watermarks_ms = {{"a@00000000000000ff", 1}, {"b \"q\"@00000000000000ff", -2}}};
  const std::string text = format_progress(progress);
  EXPECT_EQ(text, R"({"sent":1767323045678,"watermarks":{"a@00000000000000ff":1,"b \"q\"@00000000000000ff":-2}})");
  EXPECT_EQ(parse_progress(text).value(), progress);
}

TEST(GateProgress, TellsTheExternalLabelsWhereTheyAreKnown) {
  GateProgress progress{.sent_ms = 7, .external_labels = ExternalLabels{{"cluster", "a"}, {"zone", ""}}};
  const std::string text = format_progress(progress);
  EXPECT_EQ(text, R"({"sent":7,"watermarks":{},"externalLabels":{"cluster":"a","zone":""}})");
  EXPECT_EQ(parse_progress(text).value(), progress);
  progress.external_labels->clear();
  EXPECT_EQ(parse_progress(format_progress(progress)).value(), progress);
}

TEST(GateProgress, OfALaterVersionMaySayMore) {
  EXPECT_EQ(parse_progress(R"({"sent":7,"watermarks":{},"else":[1]})").value(), GateProgress{.sent_ms = 7});
}

TEST(GateProgress, WhatCannotBeReadIsAnError) {
  for (const char* text :
       {"", "null", "[]", "{}", R"({"sent":1})", R"({"sent":"1","watermarks":{}})",
        R"({"sent":1,"watermarks":{"a":1.5}})", R"({"sent":1,"watermarks":{"a":1e300}})",
        R"({"sent":1,"watermarks":[]})", R"({"sent":7258118400001,"watermarks":{}})",
        R"({"sent":1,"watermarks":{"a":-7258118400001}})", R"({"sent":1,"watermarks":{},"externalLabels":{"a":1}})"}) {
    EXPECT_EQ(parse_progress(text).error().code(), Errc::invalid_input) << text;
  }
}

}  // namespace
}  // namespace promfleet::elector
