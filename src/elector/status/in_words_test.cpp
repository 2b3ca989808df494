#include "elector/status/in_words.h"

#include <gtest/gtest.h>

namespace promfleet::elector {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year;

TEST(InWords, SpansKeepTheirTwoLargestUnits) {
  EXPECT_EQ(span_in_words(0s), "0ms");
  EXPECT_EQ(span_in_words(467900us), "467ms");
  EXPECT_EQ(span_in_words(9960ms), "9.9s");
  EXPECT_EQ(span_in_words(12900ms), "12s");
  EXPECT_EQ(span_in_words(200s), "3m 20s");
  EXPECT_EQ(span_in_words(3min), "3m");
  EXPECT_EQ(span_in_words(5h + 3min + 59s), "5h 3m");
  EXPECT_EQ(span_in_words(days(12) + 4h), "12d 4h");
  EXPECT_EQ(span_in_words(-5s), "0ms");
}

TEST(InWords, TimesAreUtcToTheSecond) {
  const rfc3339::MicroTime time = sys_days(year(2026) / 11 / 21) + 9h + 5min + 7999ms;
  EXPECT_EQ(time_in_words(time), "2026-11-21 09:05:07 UTC");
}

TEST(InWords, AgesOfAnyTwoTimesHaveWords) {
  const rfc3339::MicroTime now = sys_days(year(2026) / 11 / 21);
  EXPECT_EQ(age_in_words(now - 90s, now), "1m 30s");
  EXPECT_EQ(age_in_words(now + 5s, now), "0ms");
  EXPECT_EQ(age_in_words(sys_days(year(1) / 1 / 1), now), "36500d");
  EXPECT_EQ(age_in_words(sys_days(year(9999) / 12 / 31), now), "0ms");
}

}  // namespace
}  // namespace promfleet::elector
