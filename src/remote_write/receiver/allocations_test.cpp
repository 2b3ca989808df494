// What receiving takes from the heap.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "codec/remote_write/encode.h"
#include "codec/snappy/block.h"
#include "core/base/heap_testing.h"
#include "remote_write/receiver/receive.h"

namespace promfleet::remote_write {
namespace {

// 2,000 samples of as many series, compressed.
std::string usual_body() {
  std::vector<std::string> cpus;
  for (int number = 0; number < 2000; ++number) cpus.push_back(std::to_string(number));
  WriteRequest request;
  for (int number = 0; number < 2000; ++number) {
    request.begin_series(std::vector<Label>{
        {"__name__", "node_cpu_seconds_total"}, {"cpu", cpus[number]}, {"job", "node"}, {"mode", "idle"}});
    request.add_sample({1'795'180'839'552 + number, 1.0 * number});
  }
  std::string body;
  EXPECT_TRUE(encode_v1(request, body));
  std::string block;
  snappy::compress(body, block);
  return block;
}

TEST(RemoteWriteReceiverAllocations, SecondBodyOfThatSizeTakesNothing) {
  const std::string body = usual_body();
  BodyDecoder decoder;
  for (int round = 0; round < 3; ++round) {
    const std::size_t before = heap.allocations;
    const Result<const WriteRequest*> request = decoder.decode(Version::v1, body);
    const std::size_t taken = heap.allocations - before;
    ASSERT_TRUE(request);
    EXPECT_EQ((*request)->samples().size(), 2000u);
    if (round == 0) EXPECT_GT(taken, 0u);
    if (round > 0) EXPECT_EQ(taken, 0u);
  }
}

// An unknown field of 9 MiB.
std::string large_body() {
  const std::string bytes = "\x4a\x80\x80\xc0\x04" + std::string(9 << 20, 'x');
  std::string block;
  snappy::compress(bytes, block);
  return block;
}

TEST(RemoteWriteReceiverAllocations, WhatALargeBodyTookIsGivenBack) {
  const std::string body = large_body();
  BodyDecoder decoder;
  const std::size_t before = heap.bytes;
  ASSERT_TRUE(decoder.decode(Version::v1, body));
  EXPECT_GT(heap.bytes, before + body.size());
  decoder.trim();
  EXPECT_EQ(heap.bytes, before);
}

TEST(RemoteWriteReceiverAllocations, WhatAUsualBodyTookIsKept) {
  const std::string body = usual_body();
  BodyDecoder decoder;
  ASSERT_TRUE(decoder.decode(Version::v1, body));
  const std::size_t before = heap.bytes;
  decoder.trim();
  EXPECT_EQ(heap.bytes, before);
}

TEST(RemoteWriteReceiverAllocations, RefusedBodyLeavesNothingBehind) {
  std::string damaged;
  snappy::compress(std::string(100'000, '\x0a'), damaged);
  BodyDecoder decoder;
  const std::size_t before = heap.bytes;
  ASSERT_FALSE(decoder.decode(Version::v1, damaged));
  EXPECT_EQ(heap.bytes, before);
}

}  // namespace
}  // namespace promfleet::remote_write
