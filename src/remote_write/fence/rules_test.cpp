#include "remote_write/fence/rules.h"

#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace promfleet::remote_write {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kLast = 1'795'180'839'552;
constexpr auto kCounter = [] { return true; };
constexpr auto kGauge = [] { return false; };

SeriesState last_stored(double value = 100) {
  return {kLast, value, FencingToken(7), 0, ValueKind::number};
}

Measured at(std::chrono::milliseconds after, double value = 100) {
  return {kLast + after.count(), value, ValueKind::number, false};
}

Measured stale_at(std::chrono::milliseconds after) {
  return Measured::of(Sample{kLast + after.count(), std::bit_cast<double>(kStaleMarkerBits)});
}

Verdict verdict(const SeriesState& last, const Measured& next, Author author) {
  return judge(last, next, author, FenceRules{}, kGauge);
}

TEST(FenceRules, FirstSampleOfASeriesIsStored) {
  EXPECT_EQ(verdict({}, at(-100h), Author::another), Verdict::store);
}

TEST(FenceRules, SameAuthorsSampleUpToLastIsADuplicate) {
  EXPECT_EQ(verdict(last_stored(), at(-1ms), Author::same), Verdict::duplicate);
  EXPECT_EQ(verdict(last_stored(), at(0ms), Author::same), Verdict::duplicate);
  EXPECT_EQ(verdict(last_stored(), at(1ms), Author::same), Verdict::store);
}

TEST(FenceRules, AnotherAuthorsSampleIsCoveredUpToLastAndTheClocksDifference) {
  EXPECT_EQ(verdict(last_stored(), at(-1ms), Author::another), Verdict::covered);
  EXPECT_EQ(verdict(last_stored(), at(2000ms), Author::another), Verdict::covered);
  EXPECT_EQ(verdict(last_stored(), at(2001ms), Author::another), Verdict::store);
}

TEST(FenceRules, StaleMarkerIsCoveredOnlyUpToLast) {
  EXPECT_EQ(verdict(last_stored(), stale_at(0ms), Author::another), Verdict::covered);
  EXPECT_EQ(verdict(last_stored(), stale_at(1ms), Author::another), Verdict::store);
  EXPECT_EQ(verdict(last_stored(), stale_at(0ms), Author::same), Verdict::duplicate);
}

TEST(FenceRules, CounterBelowItsLastIsCoveredForAScrapeTimeOut) {
  EXPECT_EQ(judge(last_stored(), at(15s, 99), Author::another, {}, kCounter), Verdict::covered);
  EXPECT_EQ(judge(last_stored(), at(15001ms, 99), Author::another, {}, kCounter), Verdict::store);
  EXPECT_EQ(judge(last_stored(), at(15s, 100), Author::another, {}, kCounter), Verdict::store);
}

TEST(FenceRules, GaugeMayFallAtOnce) {
  EXPECT_EQ(judge(last_stored(), at(2001ms, 99), Author::another, {}, kGauge), Verdict::store);
}

TEST(FenceRules, SameAuthorsCounterMayBeResetAtOnce) {
  EXPECT_EQ(judge(last_stored(), at(1ms, 0), Author::same, {}, kCounter), Verdict::store);
}

TEST(FenceRules, CounterAfterAStaleMarkerOrAHistogramHasNothingToBeComparedWith) {
  const SeriesState stale = last_stored(std::bit_cast<double>(kStaleMarkerBits));
  EXPECT_EQ(judge(stale, at(2001ms, 0), Author::another, {}, kCounter), Verdict::store);
  SeriesState histogram = last_stored();
  histogram.kind = ValueKind::histogram;
  EXPECT_EQ(judge(histogram, at(2001ms, 0), Author::another, {}, kCounter), Verdict::store);
}

TEST(FenceRules, GraceEndsWhereTimeEnds) {
  constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();
  SeriesState last = last_stored();
  last.timestamp_ms = kEnd - 1;
  EXPECT_EQ(verdict(last, {kEnd, 100, ValueKind::number, false}, Author::another), Verdict::covered);
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
  SeriesState last = last_stored(6);
  last.kind = ValueKind::histogram;
  EXPECT_EQ(judge(last, histogram(kCount5, kLast + 15'000), Author::another, {}, kGauge), Verdict::covered);
  EXPECT_EQ(judge(last, histogram(kCount5, kLast + 15'001), Author::another, {}, kGauge), Verdict::store);
}

TEST(FenceRules, GaugeHistogramMayFallAtOnce) {
  SeriesState last = last_stored(6);
  last.kind = ValueKind::histogram;
  EXPECT_EQ(judge(last, histogram(kCount5 + kHintGauge, kLast + 2'001), Author::another, {}, kGauge), Verdict::store);
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
