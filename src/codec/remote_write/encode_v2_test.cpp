#include <gtest/gtest.h>

#include "codec/remote_write/decode.h"
#include "codec/remote_write/encode.h"
#include "codec/remote_write/hex_testing.h"
#include "codec/remote_write/plain_request_testing.h"
#include "codec/remote_write/random_body_testing.h"

namespace promfleet::remote_write {
namespace {

constexpr std::int64_t kNow = 1'795'180'839'552;

// As prompb/io/prometheus/write/v2 of Prometheus 3.15 writes them: a histogram, with its start timestamp last, and a
// request in which it stands.
constexpr std::string_view kHistogram =
    "0807190000000000002940200529fca9f1d24d62503f30005a04080310025a040806100162030601047003788085f7c89f34880198fdf6c89f"
    "34";
constexpr std::string_view kHistogramStart = "880198fdf6c89f34";
constexpr std::string_view kRequest =
    "220022135768657468657220697420616e73776572732e2207616e737765727322085f5f6e616d655f5f2202757022036a6f6222046e6f6465"
    "22047a6f6e65220874726163655f696422036162632a8c010a06030405060700121709000000000000f03f108085f7c89f341898fdf6c89f34"
    "120b10ffffffffffffffffff0112001a3a0807190000000000002940200529fca9f1d24d62503f30005a04080310025a040806100162030601"
    "047003788085f7c89f34880198fdf6c89f3422140a02080911000000000000d03f188085f7c89f3422002a060802180120022a130a04050604"
    "022a0b08fbffffffffffffffff012a022a00";

std::string encoded(const WriteRequest& request) {
  std::string body;
  const Result<void> done = encode_v2(request, body);
  EXPECT_TRUE(done.has_value());
  return body;
}

// The request of kRequest, whose histogram is encoded so.
WriteRequest request_with(std::string_view histogram) {
  WriteRequest request;
  request.begin_series(std::vector<Label>{{"__name__", "up"}, {"job", "node"}, {"zone", ""}});
  request.set_metadata({MetricType::gauge, "Whether it answers.", "answers"});
  request.add_sample({kNow, 1, kNow - 1000});
  request.add_sample({-1, 0});
  request.add_sample({});
  request.add_histogram({.encoded = histogram, .timestamp_ms = kNow, .sum = 12.5, .start_timestamp_ms = kNow - 1000});
  request.add_exemplar(kNow, 0.25, std::vector<Label>{{"trace_id", "abc"}});
  request.add_exemplar(0, 0, {});
  request.begin_series(std::vector<Label>{{"job", "node"}, {"up", "answers"}});
  request.set_metadata({.type = static_cast<MetricType>(-5)});
  request.begin_series({});
  return request;
}

TEST(RemoteWriteEncodeV2, WritesTheBytesThatGoWrites) {
  const std::string histogram = from_hex(kHistogram);
  EXPECT_EQ(to_hex(encoded(request_with(histogram))), kRequest);
}

TEST(RemoteWriteEncodeV2, BodyOfGoComesBackByteForByte) {
  const std::string body = from_hex(kRequest);
  WriteRequest request;
  ASSERT_TRUE(decode_v2(body, request));
  EXPECT_EQ(to_hex(encoded(request)), kRequest);
}

TEST(RemoteWriteEncodeV2, StartTimestampOfAHistogramThatCameWithoutIsWrittenAtItsEnd) {
  // As version 1.0 brings it, or a sender that has the start timestamp in the series.
  const std::string histogram = from_hex(kHistogram.substr(0, kHistogram.size() - kHistogramStart.size()));
  EXPECT_EQ(to_hex(encoded(request_with(histogram))), kRequest);
}

TEST(RemoteWriteEncodeV2, StartTimestampInAnotherPlaceMovesToTheEnd) {
  const std::string histogram =
      from_hex(kHistogramStart) + from_hex(kHistogram.substr(0, kHistogram.size() - kHistogramStart.size()));
  EXPECT_EQ(to_hex(encoded(request_with(histogram))), kRequest);
}

TEST(RemoteWriteEncodeV2, AnyRequestIsReadAsItWasWritten) {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const std::string body = RandomBody(seed).v2();
    WriteRequest request;
    ASSERT_TRUE(decode_v2(body, request));
    const std::string again = encoded(request);
    WriteRequest read;
    ASSERT_TRUE(decode_v2(again, read)) << seed;
    ASSERT_TRUE(plain::without_encoded_starts(plain::copy(read)) == plain::without_encoded_starts(plain::copy(request)))
        << seed;
    ASSERT_EQ(encoded(read), again) << seed;
  }
}

TEST(RemoteWriteEncodeV2, RequestOfVersion1KeepsWhatBothKnow) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const std::string body = RandomBody(seed).v1();
    WriteRequest request;
    ASSERT_TRUE(decode_v1(body, request));
    const std::string converted = encoded(request);
    WriteRequest read;
    ASSERT_TRUE(decode_v2(converted, read)) << seed;
    plain::Request expected = plain::without_encoded_starts(plain::copy(request));
    expected.families.clear();
    ASSERT_TRUE(plain::copy(read) == expected) << seed;
  }
}

TEST(RemoteWriteEncodeV2, RequestWithoutSeriesHasTheEmptySymbol) {
  EXPECT_EQ(to_hex(encoded(WriteRequest())), "2200");
}

TEST(RemoteWriteEncodeV2, MoreThanAllowedIsRefused) {
  const std::string body = from_hex(kRequest);
  WriteRequest request;
  ASSERT_TRUE(decode_v2(body, request));
  std::string out;
  EXPECT_TRUE(encode_v2(request, out, {.bytes_max = body.size()}));
  const Result<void> refused = encode_v2(request, out, {.bytes_max = body.size() - 1});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Errc::limit_exceeded);
}

}  // namespace
}  // namespace promfleet::remote_write
