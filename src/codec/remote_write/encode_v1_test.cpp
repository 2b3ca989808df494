#include <gtest/gtest.h>

#include "codec/remote_write/decode.h"
#include "codec/remote_write/encode.h"
#include "codec/remote_write/hex_testing.h"
#include "codec/remote_write/plain_request_testing.h"
#include "codec/remote_write/random_body_testing.h"

namespace promfleet::remote_write {
namespace {

constexpr std::int64_t kNow = 1'795'180'839'552;

// As prompb of Prometheus 3.15 writes them: a histogram, and a request in which it stands.
constexpr std::string_view kHistogram =
    "0807190000000000002940200529fca9f1d24d62503f30005a04080310025a040806100162030601047003788085f7c89f34";
constexpr std::string_view kRequest =
    "0aa1010a0e0a085f5f6e616d655f5f120275700a0b0a036a6f6212046e6f64650a060a047a6f6e650a00121009000000000000f03f108085f7"
    "c89f34120b10ffffffffffffffffff0112001a210a0f0a0874726163655f6964120361626311000000000000d03f188085f7c89f341a002232"
    "0807190000000000002940200529fca9f1d24d62503f30005a04080310025a040806100162030601047003788085f7c89f340a001a24080212"
    "02757022135768657468657220697420616e73776572732e2a07616e73776572731a0b08fbffffffffffffffff011a00";

std::string encoded(const WriteRequest& request) {
  std::string body;
  const Result<void> done = encode_v1(request, body);
  EXPECT_TRUE(done.has_value());
  return body;
}

TEST(RemoteWriteEncodeV1, WritesTheBytesThatGoWrites) {
  const std::string histogram = from_hex(kHistogram);
  WriteRequest request;
  request.begin_series(std::vector<Label>{{"__name__", "up"}, {"job", "node"}, {"zone", ""}, {"", ""}});
  request.add_sample({kNow, 1});
  request.add_sample({-1, 0});
  request.add_sample({});
  request.add_exemplar(kNow, 0.25, std::vector<Label>{{"trace_id", "abc"}});
  request.add_exemplar(0, 0, {});
  request.add_histogram({.encoded = histogram, .timestamp_ms = kNow, .sum = 12.5});
  request.begin_series({});
  request.add_family({"up", {MetricType::gauge, "Whether it answers.", "answers"}});
  request.add_family({"", {static_cast<MetricType>(-5), "", ""}});
  request.add_family({});
  EXPECT_EQ(to_hex(encoded(request)), kRequest);
}

TEST(RemoteWriteEncodeV1, BodyOfGoComesBackByteForByte) {
  const std::string body = from_hex(kRequest);
  WriteRequest request;
  ASSERT_TRUE(decode_v1(body, request));
  EXPECT_EQ(to_hex(encoded(request)), kRequest);
}

TEST(RemoteWriteEncodeV1, AnyRequestIsReadAsItWasWritten) {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const std::string body = RandomBody(seed).v1();
    WriteRequest request;
    ASSERT_TRUE(decode_v1(body, request));
    const std::string again = encoded(request);
    WriteRequest read;
    ASSERT_TRUE(decode_v1(again, read)) << seed;
    ASSERT_TRUE(plain::copy(read) == plain::without_encoded_starts(plain::copy(request))) << seed;
    ASSERT_EQ(encoded(read), again) << seed;
  }
}

TEST(RemoteWriteEncodeV1, NegativeZeroStays) {
  WriteRequest request;
  request.begin_series({});
  request.add_sample({kNow, -0.0});
  const std::string body = encoded(request);
  WriteRequest read;
  ASSERT_TRUE(decode_v1(body, read));
  EXPECT_EQ(bits_of(read.samples()[0].value), bits_of(-0.0));
}

TEST(RemoteWriteEncodeV1, WhatOnlyVersion2HasIsLeftAway) {
  const std::string histogram = from_hex("7801880102");  // timestamp 1, start timestamp 2
  WriteRequest request;
  request.begin_series(std::vector<Label>{{"a", "b"}});
  request.set_metadata({MetricType::gauge, "help", "unit"});
  request.add_sample({kNow, 1, kNow - 1000});
  request.add_histogram({.encoded = histogram, .timestamp_ms = 1, .start_timestamp_ms = 2});

  WriteRequest without;
  without.begin_series(std::vector<Label>{{"a", "b"}});
  without.add_sample({kNow, 1});
  const std::string short_histogram = from_hex("7801");
  without.add_histogram({.encoded = short_histogram, .timestamp_ms = 1});
  EXPECT_EQ(to_hex(encoded(request)), to_hex(encoded(without)));
}

TEST(RemoteWriteEncodeV1, SharedSymbolsDoNotBecomeMoreThanAllowed) {
  const std::string text(1024, 'x');
  WriteRequest request;
  for (int series = 0; series < 1000; ++series) request.begin_series(std::vector<Label>{{text, text}});
  std::string small;
  ASSERT_TRUE(encode_v2(request, small));
  ASSERT_LT(small.size(), 20'000);
  ASSERT_TRUE(decode_v2(small, request));
  std::string body;
  const Result<void> refused = encode_v1(request, body, {.bytes_max = 1 << 20});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Errc::limit_exceeded);
  EXPECT_LT(body.capacity(), 100);
  EXPECT_TRUE(encode_v1(request, body, {.bytes_max = 3 << 20}));
}

TEST(RemoteWriteEncodeV1, LimitIsOfWhatIsWritten) {
  const std::string body = from_hex(kRequest);
  WriteRequest request;
  ASSERT_TRUE(decode_v1(body, request));
  std::string out;
  EXPECT_TRUE(encode_v1(request, out, {.bytes_max = body.size()}));
  EXPECT_FALSE(encode_v1(request, out, {.bytes_max = body.size() - 1}));
}

}  // namespace
}  // namespace promfleet::remote_write
