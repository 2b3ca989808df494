#include "remote_write/fence/group.h"

#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace promfleet::remote_write {
namespace {

using testing::ElementsAre;

constexpr std::int64_t kNow = 1'795'180'839'552;
constexpr FencingToken kOld(7);
constexpr FencingToken kNew(9);

WallTime wall(std::int64_t unix_ms) {
  return WallTime(std::chrono::milliseconds(unix_ms));
}

// A request of series with one label, their samples added one by one.
struct Batch {
  WriteRequest request;

  Batch& sample(std::string_view name, std::int64_t timestamp_ms, double value = 1) {
    request.begin_series(std::vector<Label>{{"__name__", name}});
    request.add_sample({timestamp_ms, value});
    return *this;
  }
};

std::vector<std::int64_t> times_of(const WriteRequest& request) {
  std::vector<std::int64_t> times;
  for (const Sample& sample : request.samples()) times.push_back(sample.timestamp_ms);
  return times;
}

class FenceGroupTest : public testing::Test {
 protected:
  std::optional<Refusal> fence(FencingToken token, std::string source = "") {
    std::expected<GroupRecord, Refusal> record = group().fence({token, std::move(source)});
    if (!record) return record.error();
    group().adopt(*std::move(record));
    return std::nullopt;
  }

  // What was stored of a batch that is committed, by its times.
  std::expected<std::vector<std::int64_t>, Refusal> write(const Batch& batch, FencingToken token,
                                                          std::string_view stream = "s") {
    std::expected<Admission, Refusal> admission = group().admit(batch.request, token, stream);
    if (!admission) return std::unexpected(admission.error());
    std::vector<std::int64_t> times = times_of(admission->kept());
    admission->commit(wall(kNow));
    return times;
  }

  FenceGroup& group() { return *group_; }
  void restart() { group_ = std::make_unique<FenceGroup>(GroupSnapshot(group_->snapshot())); }
  void limit(FenceLimits limits) { group_ = std::make_unique<FenceGroup>(limits); }

  std::unique_ptr<FenceGroup> group_ = std::make_unique<FenceGroup>();
};

using Times = std::vector<std::int64_t>;

TEST_F(FenceGroupTest, NobodyWritesBeforeTheFirstFence) {
  EXPECT_EQ(write(Batch().sample("a", kNow), kOld), std::unexpected(Refusal::fence_first));
  EXPECT_EQ(fence(kOld), std::nullopt);
  EXPECT_EQ(write(Batch().sample("a", kNow), kOld), Times{kNow});
}

TEST_F(FenceGroupTest, LowerTokenIsFencedAndStoresNothing) {
  fence(kNew);
  EXPECT_EQ(write(Batch().sample("a", kNow), kOld), std::unexpected(Refusal::fenced));
  EXPECT_EQ(fence(kOld), Refusal::fenced);
  EXPECT_EQ(group().record().token, kNew);
  EXPECT_EQ(group().series_count(), 0U);
  EXPECT_TRUE(group().record().watermarks.empty());
}

TEST_F(FenceGroupTest, HigherTokenThanWasFencedHasToFenceFirst) {
  fence(kOld);
  EXPECT_EQ(write(Batch().sample("a", kNow), kNew), std::unexpected(Refusal::fence_first));
  EXPECT_EQ(group().series_count(), 0U);
}

TEST_F(FenceGroupTest, FenceChangesNothingUntilItsRecordIsAdopted) {
  fence(kOld);
  ASSERT_TRUE(group().fence({kNew, ""}).has_value());
  EXPECT_EQ(group().record().token, kOld);
  EXPECT_EQ(write(Batch().sample("a", kNow), kOld), Times{kNow});
}

TEST_F(FenceGroupTest, RepeatedFenceChangesNothing) {
  fence(kOld);
  write(Batch().sample("a", kNow), kOld);
  fence(kNew);
  write(Batch().sample("a", kNow + 3'000), kNew);
  const GroupRecord before = group().record();
  EXPECT_EQ(group().fence({kNew, ""}), before);
  fence(kNew);
  EXPECT_EQ(write(Batch().sample("a", kNow + 3'001), kNew), Times{kNow + 3'001});
}

TEST_F(FenceGroupTest, NewLeaderContinuesEachSeriesWhereItEnds) {
  fence(kOld);
  write(Batch().sample("a", kNow).sample("b", kNow - 30'000), kOld);
  fence(kNew);
  EXPECT_EQ(write(Batch().sample("a", kNow - 25'000).sample("b", kNow - 25'000).sample("a", kNow + 5'000), kNew),
            (Times{kNow - 25'000, kNow + 5'000}));
}

TEST_F(FenceGroupTest, WhatIsStoredHandsTheSeriesOver) {
  fence(kOld);
  write(Batch().sample("a", kNow), kOld);
  fence(kNew);
  write(Batch().sample("a", kNow + 3'000), kNew);
  EXPECT_EQ(write(Batch().sample("a", kNow + 3'001), kNew), Times{kNow + 3'001});
}

TEST_F(FenceGroupTest, WhatIsCoveredLeavesTheSeriesAsItWas) {
  fence(kOld);
  write(Batch().sample("a", kNow), kOld);
  fence(kNew);
  EXPECT_EQ(write(Batch().sample("a", kNow + 1'500), kNew), Times{});
  EXPECT_EQ(write(Batch().sample("a", kNow + 2'000), kNew), Times{});
  EXPECT_EQ(write(Batch().sample("a", kNow + 2'001), kNew), Times{kNow + 2'001});
}

TEST_F(FenceGroupTest, SeriesThatComesTwiceInARequestContinuesWithinIt) {
  fence(kOld);
  EXPECT_EQ(write(Batch().sample("a", kNow).sample("a", kNow).sample("a", kNow - 1).sample("a", kNow + 1), kOld),
            (Times{kNow, kNow + 1}));
}

TEST_F(FenceGroupTest, CounterIsKnownByTheNameAmongItsLabels) {
  fence(kOld);
  write(Batch().sample("a_total", kNow, 10).sample("a", kNow, 10), kOld);
  fence(kNew);
  EXPECT_EQ(write(Batch().sample("a_total", kNow + 5'000, 9).sample("a", kNow + 5'001, 9), kNew), Times{kNow + 5'001});
}

TEST_F(FenceGroupTest, CounterIsKnownByTheTypeThatTheRequestTells) {
  Batch batch;
  batch.sample("a", kNow, 10).request.set_metadata({.type = MetricType::counter});
  fence(kOld);
  write(batch, kOld);
  fence(kNew);
  Batch lower;
  lower.sample("a", kNow + 5'000, 9).request.set_metadata({.type = MetricType::counter});
  EXPECT_EQ(write(lower, kNew), Times{});
}

TEST_F(FenceGroupTest, RequestThatIsStoredWholeIsNotCopied) {
  fence(kOld);
  const Batch batch = std::move(Batch().sample("a", kNow).sample("b", kNow));
  std::expected<Admission, Refusal> admission = group().admit(batch.request, kOld, "s");
  ASSERT_TRUE(admission.has_value());
  EXPECT_EQ(&admission->kept(), &batch.request);
  EXPECT_EQ(admission->counts(), (WriteCounts{.stored = 2}));
}

TEST_F(FenceGroupTest, ExemplarsAndMetadataStayThoughTheirSamplesAreLeftOut) {
  fence(kOld);
  write(Batch().sample("a", kNow).sample("b", kNow), kOld);
  Batch again;
  again.sample("a", kNow).request.add_exemplar(kNow, 1, std::vector<Label>{{"trace", "x"}});
  again.sample("b", kNow).sample("c", kNow);
  again.request.add_family({"a", {.type = MetricType::gauge}});
  std::expected<Admission, Refusal> admission = group().admit(again.request, kOld, "s");
  ASSERT_TRUE(admission.has_value());
  EXPECT_THAT(times_of(admission->kept()), ElementsAre(kNow));
  EXPECT_EQ(admission->kept().series().size(), 2U);
  EXPECT_EQ(admission->kept().exemplars().size(), 1U);
  EXPECT_EQ(admission->kept().families().size(), 1U);
  EXPECT_EQ(admission->counts(), (WriteCounts{.stored = 1, .duplicates = 2}));
}

TEST_F(FenceGroupTest, HistogramsAreFencedAsSamplesAre) {
  const std::string encoded = "\x08\x05";
  const auto histogram = [&](std::int64_t timestamp_ms) {
    Batch batch;
    batch.request.begin_series(std::vector<Label>{{"__name__", "h"}});
    batch.request.add_histogram({.encoded = encoded, .timestamp_ms = timestamp_ms});
    return batch;
  };
  const Batch first = histogram(kNow);
  fence(kOld);
  write(first, kOld);
  std::expected<Admission, Refusal> again = group().admit(first.request, kOld, "s");
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(again->kept().histograms().empty());
  EXPECT_EQ(again->counts(), (WriteCounts{.duplicates = 1}));
}

TEST_F(FenceGroupTest, FailedAppendChangesNothing) {
  fence(kOld);
  write(Batch().sample("a", kNow), kOld);
  const GroupRecord before = group().record();
  const Batch batch = std::move(Batch().sample("a", kNow + 1).sample("b", kNow).sample("b", kNow + 1));
  {
    const std::expected<Admission, Refusal> abandoned = group().admit(batch.request, kOld, "other");
  }
  EXPECT_EQ(group().record(), before);
  EXPECT_EQ(group().series_count(), 1U);
  EXPECT_EQ(write(batch, kOld), (Times{kNow + 1, kNow, kNow + 1}));
}

TEST_F(FenceGroupTest, WatermarkIsTheHighestOfTheBatchesLowestTimes) {
  fence(kOld);
  write(Batch().sample("a", kNow - 100).sample("b", kNow), kOld);
  EXPECT_EQ(group().record().watermarks, (Watermarks{{"s", kNow - 100}}));
  write(Batch().sample("c", kNow - 200), kOld);
  EXPECT_EQ(group().record().watermarks, (Watermarks{{"s", kNow - 100}}));
}

TEST_F(FenceGroupTest, EachStreamHasItsOwnWatermark) {
  fence(kOld);
  write(Batch().sample("a", kNow - 100), kOld, "s");
  write(Batch().sample("b", kNow - 50), kOld, "t");
  EXPECT_EQ(group().record().watermarks, (Watermarks{{"s", kNow - 100}, {"t", kNow - 50}}));
}

TEST_F(FenceGroupTest, WatermarkStaysBelowTheClockAndItsDifference) {
  fence(kOld);
  write(Batch().sample("a", kNow + 60'000), kOld);
  EXPECT_EQ(group().record().watermarks, (Watermarks{{"s", kNow + 2'000}}));
}

TEST_F(FenceGroupTest, CoveredBatchRaisesTheWatermarkToo) {
  fence(kOld);
  write(Batch().sample("a", kNow), kOld, "s");
  fence(kNew);
  EXPECT_EQ(write(Batch().sample("a", kNow - 1), kNew, "t"), Times{});
  EXPECT_EQ(group().record().watermarks, (Watermarks{{"s", kNow}, {"t", kNow - 1}}));
}

TEST_F(FenceGroupTest, RequestWithoutSamplesHasNoWatermark) {
  fence(kOld);
  EXPECT_EQ(write(Batch(), kOld), Times{});
  EXPECT_TRUE(group().record().watermarks.empty());
}

TEST_F(FenceGroupTest, AfterAResetTheNextFenceIsAcceptedWhateverItsToken) {
  fence(kNew);
  write(Batch().sample("a", kNow), kNew);
  group().adopt(group().reset());
  EXPECT_EQ(write(Batch().sample("a", kNow + 1), kNew), std::unexpected(Refusal::fence_first));
  EXPECT_EQ(fence(FencingToken(1)), std::nullopt);
  EXPECT_EQ(group().record().watermarks, (Watermarks{{"s", kNow}}));
  EXPECT_EQ(write(Batch().sample("a", kNow + 2'000), FencingToken(1)), Times{});
  EXPECT_EQ(write(Batch().sample("a", kNow + 2'001), FencingToken(1)), Times{kNow + 2'001});
}

TEST_F(FenceGroupTest, EqualTokenAfterAResetIsAnotherTerm) {
  fence(kNew);
  write(Batch().sample("a", kNow), kNew);
  group().adopt(group().reset());
  fence(kNew);
  EXPECT_EQ(write(Batch().sample("a", kNow + 1), kNew), Times{});
}

TEST_F(FenceGroupTest, ProcessThatLeadsAgainGoesOnBehindItsOwnLastSample) {
  fence(kOld, "a/1");
  write(Batch().sample("s", kNow), kOld);
  fence(kNew, "a/1");
  EXPECT_EQ(write(Batch().sample("s", kNow), kNew), Times{});
  EXPECT_EQ(write(Batch().sample("s", kNow + 1), kNew), Times{kNow + 1});
}

TEST_F(FenceGroupTest, ProcessThatLeadsAgainGoesOnAlsoIfAnotherLedBetweenWithoutTheSeries) {
  fence(kOld, "a/1");
  write(Batch().sample("own", kNow).sample("shared", kNow), kOld);
  fence(FencingToken(kOld.value() + 1), "b/1");
  write(Batch().sample("shared", kNow + 5'000), FencingToken(kOld.value() + 1));
  fence(kNew, "a/1");
  EXPECT_EQ(write(Batch().sample("own", kNow + 1).sample("shared", kNow + 7'000), kNew), Times{kNow + 1});
}

TEST_F(FenceGroupTest, AnotherProcessAndOneThatIsNotNamedKeepTheDistance) {
  fence(kOld, "a/1");
  write(Batch().sample("s", kNow), kOld);
  fence(kNew, "a/2");
  EXPECT_EQ(write(Batch().sample("s", kNow + 2'000), kNew), Times{});
  fence(FencingToken(kNew.value() + 1));
  EXPECT_EQ(write(Batch().sample("s", kNow + 2'000), FencingToken(kNew.value() + 1)), Times{});
}

TEST_F(FenceGroupTest, RepeatedFenceChangesNoSource) {
  fence(kOld, "a/1");
  const GroupRecord before = group().record();
  fence(kOld, "b/1");
  fence(kOld);
  EXPECT_EQ(group().record(), before);
}

TEST_F(FenceGroupTest, SourcesOutliveARestartButNoReset) {
  fence(kOld, "a/1");
  write(Batch().sample("s", kNow).sample("t", kNow), kOld);
  fence(kNew, "a/1");
  restart();
  EXPECT_EQ(write(Batch().sample("s", kNow + 1), kNew), Times{kNow + 1});
  group().adopt(group().reset());
  fence(kNew, "a/1");
  EXPECT_EQ(write(Batch().sample("t", kNow + 1), kNew), Times{});
}

TEST_F(FenceGroupTest, OnlySoManySourcesAreRemembered) {
  fence(kOld, "a/1");
  write(Batch().sample("s", kNow), kOld);
  std::uint64_t token = kOld.value();
  for (std::size_t terms = 1; terms < kFenceSourcesMax; ++terms) fence(FencingToken(++token), "b/1");
  fence(FencingToken(++token), "a/1");
  EXPECT_EQ(group().record().sources.size(), kFenceSourcesMax);
  EXPECT_EQ(write(Batch().sample("s", kNow + 1), FencingToken(token)), Times{});
}

TEST_F(FenceGroupTest, RepeatedResetIsOne) {
  fence(kNew);
  group().adopt(group().reset());
  EXPECT_EQ(group().reset(), group().record());
}

TEST_F(FenceGroupTest, OneStreamTooManyIsRefused) {
  limit({.streams_max = 1});
  fence(kOld);
  write(Batch().sample("a", kNow), kOld, "s");
  EXPECT_EQ(write(Batch().sample("b", kNow), kOld, "t"), std::unexpected(Refusal::too_many_streams));
  EXPECT_EQ(write(Batch().sample("a", kNow + 1), kOld, "s"), Times{kNow + 1});
}

TEST_F(FenceGroupTest, RequestWithASeriesTooManyIsRefusedWhole) {
  limit({.series_max = 2});
  fence(kOld);
  write(Batch().sample("a", kNow), kOld);
  EXPECT_EQ(write(Batch().sample("a", kNow + 1).sample("b", kNow).sample("c", kNow), kOld),
            std::unexpected(Refusal::too_many_series));
  EXPECT_EQ(group().series_count(), 1U);
  EXPECT_EQ(write(Batch().sample("a", kNow + 1).sample("b", kNow), kOld), (Times{kNow + 1, kNow}));
}

TEST_F(FenceGroupTest, RestartForgetsNothing) {
  fence(kOld);
  write(Batch().sample("a", kNow).sample("b_total", kNow, 10), kOld);
  fence(kNew);
  write(Batch().sample("c", kNow), kNew);
  const GroupRecord before = group().record();
  restart();
  EXPECT_EQ(group().record(), before);
  EXPECT_EQ(write(Batch().sample("a", kNow + 5'000), kOld), std::unexpected(Refusal::fenced));
  EXPECT_EQ(write(Batch().sample("a", kNow + 2'000).sample("b_total", kNow + 9'000, 9).sample("c", kNow + 1), kNew),
            Times{kNow + 1});
}

TEST_F(FenceGroupTest, RestartAfterAResetStillWaitsForTheFence) {
  fence(kNew);
  write(Batch().sample("a", kNow), kNew);
  group().adopt(group().reset());
  restart();
  EXPECT_EQ(fence(kNew), std::nullopt);
  EXPECT_EQ(write(Batch().sample("a", kNow + 1), kNew), Times{});
}

}  // namespace
}  // namespace promfleet::remote_write
