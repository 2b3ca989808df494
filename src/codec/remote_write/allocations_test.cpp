// What decoding takes from the heap.
#include <gtest/gtest.h>
#include <protozero/pbf_writer.hpp>

#include "codec/remote_write/decode.h"
#include "codec/remote_write/encode.h"
#include "codec/snappy/block.h"
#include "core/base/heap_testing.h"

namespace promfleet::remote_write {
namespace {

using protozero::pbf_writer;

std::string times(std::size_t count, std::string_view bytes) {
  std::string repeated;
  for (; count > 0; --count) repeated += bytes;
  return repeated;
}

std::string message(std::uint32_t number, const std::string& fields) {
  std::string bytes;
  pbf_writer(bytes).add_message(number, fields);
  return bytes;
}

// 2,000 samples of as many series, every tenth of them with a histogram and an exemplar.
WriteRequest usual_request() {
  static const std::string histogram = "\x08\x07\x78\x01";
  WriteRequest request;
  for (int number = 0; number < 2000; ++number) {
    request.begin_series(std::vector<Label>{{"__name__", "node_cpu_seconds_total"}, {"job", "node"}, {"mode", "idle"}});
    request.add_sample({1'795'180'839'552 + number, 1.0 * number});
    if (number % 10 != 0) continue;
    request.set_metadata({MetricType::counter, "Seconds.", "seconds"});
    request.add_histogram({.encoded = histogram, .timestamp_ms = 1});
    request.add_exemplar(1000, 1, std::vector<Label>{{"trace_id", "abc"}});
  }
  return request;
}

template <class Decode>
void expect_second_decode_to_allocate_nothing(const std::string& body, Decode decode) {
  std::string block;
  snappy::compress(body, block);
  std::string decompressed;
  WriteRequest request;
  for (int round = 0; round < 3; ++round) {
    const std::size_t before = heap.allocations;
    ASSERT_TRUE(snappy::decompress(block, body.size(), decompressed));
    ASSERT_TRUE(decode(decompressed, request));
    const std::size_t taken = heap.allocations - before;
    if (round == 0) EXPECT_GT(taken, 0);
    if (round > 0) EXPECT_EQ(taken, 0);
    EXPECT_EQ(request.samples().size(), 2000);
  }
}

TEST(RemoteWriteAllocations, SecondDecodeOfARequestOfVersion1TakesNothing) {
  std::string body;
  ASSERT_TRUE(encode_v1(usual_request(), body));
  expect_second_decode_to_allocate_nothing(body, decode_v1);
}

TEST(RemoteWriteAllocations, SecondDecodeOfARequestOfVersion2TakesNothing) {
  std::string body;
  ASSERT_TRUE(encode_v2(usual_request(), body));
  expect_second_decode_to_allocate_nothing(body, decode_v2);
}

// Of the smallest messages there are, which become the largest values for their bytes.
struct Dense {
  const char* name;
  Result<void> (*decode)(std::string_view, WriteRequest&);
  std::string body;
};

std::vector<Dense> dense_bodies() {
  constexpr std::size_t kCount = 50'000;
  const std::string nothing_1("\x0a\x00", 2);  // an empty message, of each field's number
  const std::string nothing_2("\x12\x00", 2);
  const std::string nothing_3("\x1a\x00", 2);
  const std::string nothing_4("\x22\x00", 2);
  const std::string nothing_5("\x2a\x00", 2);
  const std::string references("\x0a\x02\x00\x00", 4);
  const std::string metadata = message(5, message(5, "\x08\x01"));
  return {{"series", decode_v1, times(kCount, nothing_1)},
          {"labels", decode_v1, message(1, times(kCount, nothing_1))},
          {"samples", decode_v1, message(1, times(kCount, nothing_2))},
          {"exemplars", decode_v1, message(1, times(kCount, nothing_3))},
          {"histograms", decode_v1, message(1, times(kCount, nothing_4))},
          {"labels of an exemplar", decode_v1, message(1, message(3, times(kCount, nothing_1)))},
          {"families", decode_v1, times(kCount, nothing_3)},
          {"series", decode_v2, times(kCount, nothing_5)},
          {"metadata", decode_v2, times(kCount, metadata)},
          {"symbols", decode_v2, times(kCount, nothing_4)},
          {"samples", decode_v2, message(5, times(kCount, nothing_2))},
          {"histograms", decode_v2, message(5, times(kCount, nothing_3))},
          {"exemplars", decode_v2, message(5, times(kCount, nothing_4))},
          {"references", decode_v2, nothing_4 + message(5, message(1, std::string(kCount, '\0')))},
          {"labels of one series each", decode_v2, nothing_4 + times(kCount, message(5, references))}};
}

TEST(RemoteWriteAllocations, BodyTakesAtMost64BytesForEachOfItsOwn) {
  for (const Dense& dense : dense_bodies()) {
    const std::size_t before = heap.bytes;
    WriteRequest request;
    ASSERT_TRUE(dense.decode(dense.body, request)) << dense.name;
    EXPECT_LT(heap.bytes - before, 64 * dense.body.size()) << dense.name;
    EXPECT_GT(heap.bytes - before, 4 * dense.body.size()) << dense.name;
  }
}

}  // namespace
}  // namespace promfleet::remote_write
