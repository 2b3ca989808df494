#include "codec/remote_write/write_request.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace promfleet::remote_write {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<Label> kUp = {{"__name__", "up"}, {"job", "node"}, {"prometheus_replica", "a"}};
const std::vector<Label> kLoad = {{"__name__", "load"}, {"prometheus_replica", "a"}};
const std::vector<Label> kTrace = {{"trace_id", "abc"}};

TEST(WriteRequest, WhatIsAddedBelongsToTheSeriesBegunLast) {
  WriteRequest request;
  request.begin_series(kUp);
  request.add_sample({1000, 1});
  request.add_exemplar(1500, 0.5, kTrace);
  request.add_sample({2000, 2});
  request.begin_series(kLoad);
  request.set_metadata({MetricType::gauge, "Load.", "processes"});
  request.add_histogram({.timestamp_ms = 3000});
  request.add_family({"up", {MetricType::gauge, "Up.", ""}});

  ASSERT_EQ(request.series().size(), 2);
  const Series& up = request.series()[0];
  const Series& load = request.series()[1];
  EXPECT_THAT(request.labels(up), testing::ElementsAreArray(kUp));
  EXPECT_THAT(request.samples(up), ElementsAre(Sample{1000, 1}, Sample{2000, 2}));
  EXPECT_THAT(request.labels(request.exemplars(up)[0]), ElementsAre(Label{"trace_id", "abc"}));
  EXPECT_THAT(request.histograms(up), IsEmpty());
  EXPECT_EQ(request.metadata(up), Metadata());
  EXPECT_THAT(request.labels(load), testing::ElementsAreArray(kLoad));
  EXPECT_THAT(request.samples(load), IsEmpty());
  EXPECT_EQ(request.histograms(load)[0].timestamp_ms, 3000);
  EXPECT_EQ(request.metadata(load), (Metadata{MetricType::gauge, "Load.", "processes"}));
  EXPECT_THAT(request.families(), ElementsAre(FamilyMetadata{"up", {MetricType::gauge, "Up.", ""}}));
}

TEST(WriteRequest, LabelsMayComeFromTheRequestItself) {
  WriteRequest request;
  request.begin_series(kUp);
  for (int copy = 0; copy < 100; ++copy) request.begin_series(request.labels(request.series().back()));
  for (const Series& series : request.series()) EXPECT_THAT(request.labels(series), testing::ElementsAreArray(kUp));
}

TEST(WriteRequest, TimeRangeIsOfSamplesAndHistograms) {
  WriteRequest request;
  request.begin_series(kUp);
  request.add_exemplar(1, 0, {});
  EXPECT_EQ(request.time_range(), std::nullopt);
  request.add_sample({5000});
  EXPECT_EQ(request.time_range(), (TimeRange{5000, 5000}));
  request.add_histogram({.timestamp_ms = 4000});
  request.begin_series(kLoad);
  request.add_sample({-7});
  request.add_histogram({.timestamp_ms = 9000});
  EXPECT_EQ(request.time_range(), (TimeRange{-7, 9000}));
}

TEST(WriteRequest, DroppedLabelsAreGoneFromEverySeries) {
  WriteRequest request;
  request.begin_series(kUp);
  request.begin_series(kLoad);
  request.begin_series({});
  request.drop_labels(std::vector<std::string_view>{"prometheus_replica", "job", "absent"});
  EXPECT_THAT(request.labels(request.series()[0]), ElementsAre(Label{"__name__", "up"}));
  EXPECT_THAT(request.labels(request.series()[1]), ElementsAre(Label{"__name__", "load"}));
  EXPECT_THAT(request.labels(request.series()[2]), IsEmpty());
}

TEST(WriteRequest, SortedLabelsAreInTheOrderOfTheirNames) {
  WriteRequest request;
  request.begin_series(std::vector<Label>{{"z", "1"}, {"a", "2"}, {"\xc3\xa9", "3"}, {"__name__", "up"}});
  request.begin_series(kUp);
  request.sort_labels();
  EXPECT_THAT(request.labels(request.series()[0]),
              ElementsAre(Label{"__name__", "up"}, Label{"a", "2"}, Label{"z", "1"}, Label{"\xc3\xa9", "3"}));
  EXPECT_THAT(request.labels(request.series()[1]), testing::ElementsAreArray(kUp));
}

TEST(WriteRequest, ClearedRequestIsEmpty) {
  WriteRequest request;
  request.begin_series(kUp);
  request.set_metadata({.help = "Up."});
  request.add_sample({1000, 1});
  request.add_family({"up", {}});
  request.clear();
  EXPECT_THAT(request.series(), IsEmpty());
  EXPECT_THAT(request.samples(), IsEmpty());
  EXPECT_THAT(request.families(), IsEmpty());
  request.begin_series(kLoad);
  EXPECT_THAT(request.labels(request.series()[0]), testing::ElementsAreArray(kLoad));
  EXPECT_EQ(request.metadata(request.series()[0]), Metadata());
}

WriteRequest request_of_eight_pieces() {
  WriteRequest request;
  request.begin_series(kUp);
  request.set_metadata({.help = "Up."});
  for (const std::int64_t timestamp_ms : {1, 2, 3}) request.add_sample({timestamp_ms});
  request.add_histogram({.timestamp_ms = 4});
  request.add_exemplar(5, 0.5, kTrace);
  request.begin_series(kLoad);
  request.begin_series(kLoad);
  request.add_sample({7});
  request.add_family({"up", {}});
  return request;
}

// Every piece of a request as text, with the series to which it belongs.
std::vector<std::string> pieces(const WriteRequest& request) {
  std::vector<std::string> texts;
  for (const Series& series : request.series()) {
    const std::string name(request.labels(series)[0].value.data(), request.labels(series)[0].value.size());
    const std::string prefix = name + std::string(request.metadata(series).help) + ' ';
    const std::size_t before = texts.size();
    for (const Sample& sample : request.samples(series)) texts.push_back(prefix + std::to_string(sample.timestamp_ms));
    for (const Histogram& one : request.histograms(series)) texts.push_back(prefix + std::to_string(one.timestamp_ms));
    for (const Exemplar& exemplar : request.exemplars(series)) {
      texts.push_back(prefix + std::string(request.labels(exemplar)[0].value));
    }
    if (texts.size() == before) texts.push_back(prefix + "alone");
  }
  for (const FamilyMetadata& family : request.families()) texts.push_back("family " + std::string(family.family));
  return texts;
}

TEST(WriteRequest, PartsTogetherAreTheWhole) {
  const WriteRequest whole = request_of_eight_pieces();
  EXPECT_EQ(piece_count(whole), 8);
  WriteRequest part;
  copy_pieces(whole, {0, 4}, part);
  EXPECT_THAT(pieces(part), ElementsAre("upUp. 1", "upUp. 2", "upUp. 3", "upUp. 4"));
  copy_pieces(whole, {4, 4}, part);
  EXPECT_THAT(pieces(part), ElementsAre("upUp. abc", "load alone", "load 7", "family up"));
  EXPECT_THAT(part.labels(part.series()[0]), testing::ElementsAreArray(kUp));
}

TEST(WriteRequest, EveryPieceCanStandAlone) {
  const WriteRequest whole = request_of_eight_pieces();
  std::vector<std::string> texts;
  WriteRequest part;
  for (std::uint32_t piece = 0; piece < 8; ++piece) {
    copy_pieces(whole, {piece, 1}, part);
    EXPECT_EQ(piece_count(part), 1);
    for (const std::string& text : pieces(part)) texts.push_back(text);
  }
  EXPECT_EQ(texts, pieces(whole));
}

TEST(WriteRequest, BytesAreThoseOfTheValues) {
  WriteRequest request;
  EXPECT_EQ(request.bytes(), 0);
  request.begin_series(kUp);
  request.add_sample({.timestamp_ms = 1});
  EXPECT_EQ(request.bytes(), sizeof(Series) + std::size(kUp) * sizeof(Label) + sizeof(Sample));
}

}  // namespace
}  // namespace promfleet::remote_write
