#include "remote_write/fence/rules.h"

#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace promfleet::remote_write {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kLast = 1'795'180'839'552;
constexpr Term kOld{0, FencingToken(7)};
constexpr Term kNew{0, FencingToken(9)};
constexpr auto kCounter = [] { return true; };
constexpr auto kGauge = [] { return false; };

SeriesState last_of(Term term, double value = 100) {
  return {kLast, value, term.token, term.generation, ValueKind::number};
}

Measured at(std::chrono::milliseconds after, double value = 100) {
  return {kLast + after.count(), value, ValueKind::number, false};
}

Measured stale_at(std::chrono::milliseconds after) {
  return Measured::of(Sample{kLast + after.count(), std::bit_cast<double>(kStaleMarkerBits)});
}

Verdict verdict(const SeriesState& last, const Measured& next, Term term) {
  return judge(last, next, term, FenceRules{}, kGauge);
}

TEST(FenceRules, FirstSampleOfASeriesIsStored) {
  EXPECT_EQ(verdict({}, at(-100h), kNew), Verdict::store);
}

TEST(FenceRules, SameTermsSampleUpToLastIsADuplicate) {
  EXPECT_EQ(verdict(last_of(kNew), at(-1ms), kNew), Verdict::duplicate);
  EXPECT_EQ(verdict(last_of(kNew), at(0ms), kNew), Verdict::duplicate);
  EXPECT_EQ(verdict(last_of(kNew), at(1ms), kNew), Verdict::store);
}

TEST(FenceRules, OtherTermsSampleIsCoveredUpToLastAndTheClocksDifference) {
  EXPECT_EQ(verdict(last_of(kOld), at(-1ms), kNew), Verdict::covered);
  EXPECT_EQ(verdict(last_of(kOld), at(2000ms), kNew), Verdict::covered);
  EXPECT_EQ(verdict(last_of(kOld), at(2001ms), kNew), Verdict::store);
}

TEST(FenceRules, TermOfAnotherGenerationIsAnotherThoughItsTokenIsEqualOrLower) {
  EXPECT_EQ(verdict(last_of({0, FencingToken(9)}), at(1ms), {1, FencingToken(9)}), Verdict::covered);
  EXPECT_EQ(verdict(last_of({0, FencingToken(9)}), at(2001ms), {1, FencingToken(3)}), Verdict::store);
}

TEST(FenceRules, StaleMarkerIsCoveredOnlyUpToLast) {
  EXPECT_EQ(verdict(last_of(kOld), stale_at(0ms), kNew), Verdict::covered);
  EXPECT_EQ(verdict(last_of(kOld), stale_at(1ms), kNew), Verdict::store);
  EXPECT_EQ(verdict(last_of(kNew), stale_at(0ms), kNew), Verdict::duplicate);
}

TEST(FenceRules, CounterBelowItsLastIsCoveredForAScrapeTimeOut) {
  EXPECT_EQ(judge(last_of(kOld), at(15s, 99), kNew, {}, kCounter), Verdict::covered);
  EXPECT_EQ(judge(last_of(kOld), at(15001ms, 99), kNew, {}, kCounter), Verdict::store);
  EXPECT_EQ(judge(last_of(kOld), at(15s, 100), kNew, {}, kCounter), Verdict::store);
}

TEST(FenceRules, GaugeMayFallAtOnce) {
  EXPECT_EQ(judge(last_of(kOld), at(2001ms, 99), kNew, {}, kGauge), Verdict::store);
}

TEST(FenceRules, CounterMayBeResetWithinATerm) {
  EXPECT_EQ(judge(last_of(kNew), at(1ms, 0), kNew, {}, kCounter), Verdict::store);
}

TEST(FenceRules, CounterAfterAStaleMarkerOrAHistogramHasNothingToBeComparedWith) {
  const SeriesState stale = last_of(kOld, std::bit_cast<double>(kStaleMarkerBits));
  EXPECT_EQ(judge(stale, at(2001ms, 0), kNew, {}, kCounter), Verdict::store);
  SeriesState histogram = last_of(kOld);
  histogram.kind = ValueKind::histogram;
  EXPECT_EQ(judge(histogram, at(2001ms, 0), kNew, {}, kCounter), Verdict::store);
}

TEST(FenceRules, GraceEndsWhereTimeEnds) {
  constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();
  SeriesState last = last_of(kOld);
  last.timestamp_ms = kEnd - 1;
  EXPECT_EQ(verdict(last, {kEnd, 100, ValueKind::number, false}, kNew), Verdict::covered);
}

// count as an integer: field 1, a varint; as a float: field 2; the reset hint: field 14.
const std::string kCount5 = "\x08\x05";
const std::string kCountFloat5 = std::string("\x11\0\0\0\0\0\0\x14\x40", 9);
const std::string kHintGauge = "\x70\x03";

Measured histogram(const std::string& encoded, std::int64_t timestamp_ms = kLast) {
  return Measured::of(Histogram{.encoded = encoded, .timestamp_ms = timestamp_ms, .sum = 1});
}

TEST(FenceRules, HistogramIsComparedByItsCount) {
  EXPECT_EQ(histogram(kCount5).value, 5);
  EXPECT_EQ(histogram(kCountFloat5).value, 5);
  SeriesState last = last_of(kOld, 6);
  last.kind = ValueKind::histogram;
  EXPECT_EQ(judge(last, histogram(kCount5, kLast + 15'000), kNew, {}, kGauge), Verdict::covered);
  EXPECT_EQ(judge(last, histogram(kCount5, kLast + 15'001), kNew, {}, kGauge), Verdict::store);
}

TEST(FenceRules, GaugeHistogramMayFallAtOnce) {
  SeriesState last = last_of(kOld, 6);
  last.kind = ValueKind::histogram;
  EXPECT_EQ(judge(last, histogram(kCount5 + kHintGauge, kLast + 2'001), kNew, {}, kGauge), Verdict::store);
}

TEST(FenceRules, CounterIsKnownByItsTypeElseByItsName) {
  EXPECT_TRUE(is_counter(MetricType::counter, "requests"));
  EXPECT_FALSE(is_counter(MetricType::gauge, "requests_total"));
  for (const char* name : {"requests_total", "seconds_count", "seconds_sum", "seconds_bucket"}) {
    EXPECT_TRUE(is_counter(MetricType::unknown, name)) << name;
  }
  EXPECT_TRUE(is_counter(MetricType::histogram, "seconds_bucket"));
  EXPECT_FALSE(is_counter(MetricType::summary, "seconds"));
  EXPECT_FALSE(is_counter(MetricType::unknown, "total"));
}

}  // namespace
}  // namespace promfleet::remote_write
