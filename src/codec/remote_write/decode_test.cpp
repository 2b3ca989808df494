// The decoders beside their plain twin, on bodies that protobuf allows, and on the same with damage.
#include "codec/remote_write/decode.h"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "codec/remote_write/plain_request_testing.h"
#include "codec/remote_write/random_body_testing.h"

namespace promfleet::remote_write {
namespace {

using PlainVersion = plain::Reader::Version;

// An allocation of exactly the body's size, so that a sanitizer sees a read behind its end.
std::vector<char> exactly(std::string_view body) {
  return {body.begin(), body.end()};
}

// Whether both accept; they agree in that, and in what it says.
bool agree(std::string_view bytes, PlainVersion version) {
  const std::vector<char> body = exactly(bytes);
  WriteRequest request;
  const auto decode = version == PlainVersion::v1 ? decode_v1 : decode_v2;
  const Result<void> decoded = decode({body.data(), body.size()}, request);
  const std::optional<plain::Request> expected = plain::decode(bytes, version);
  EXPECT_EQ(decoded.has_value(), expected.has_value()) << (decoded ? "" : decoded.error().message());
  if (!decoded) {
    EXPECT_EQ(decoded.error().code(), Errc::invalid_input);
    EXPECT_TRUE(plain::copy(request) == plain::Request());
    return false;
  }
  EXPECT_TRUE(plain::copy(request) == *expected);
  return true;
}

TEST(RemoteWriteDecode, Version1IsWhatThePlainDecoderReads) {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    SCOPED_TRACE(seed);
    ASSERT_TRUE(agree(RandomBody(seed).v1(), PlainVersion::v1));
  }
}

TEST(RemoteWriteDecode, Version2IsWhatThePlainDecoderReads) {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    SCOPED_TRACE(seed);
    ASSERT_TRUE(agree(RandomBody(seed).v2(), PlainVersion::v2));
  }
}

TEST(RemoteWriteDecode, DamageIsRefusedWhereThePlainDecoderRefusesIt) {
  int refused = 0;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    SCOPED_TRACE(seed);
    RandomBody random(seed);
    const auto version = seed % 2 == 0 ? PlainVersion::v1 : PlainVersion::v2;
    const std::string body = random.damaged(version == PlainVersion::v1 ? random.v1() : random.v2());
    if (!agree(body, version)) ++refused;
    ASSERT_FALSE(HasFailure());
  }
  EXPECT_GT(refused, 1000);
  EXPECT_LT(refused, 2500);
}

// A length-delimited field of a number below 16.
std::string field(int number, std::string_view bytes) {
  std::string field(1, static_cast<char>(number << 3 | 2));
  std::size_t size = bytes.size();
  for (; size >= 0x80; size >>= 7) field += static_cast<char>(size | 0x80);
  field += static_cast<char>(size);
  return field += bytes;
}

std::string times(std::size_t count, std::string_view bytes) {
  std::string repeated;
  for (; count > 0; --count) repeated += bytes;
  return repeated;
}

const std::string kShortestLabel("\x0a\x04\x0a\x00\x12\x00", 6);
const std::string kShortestSample("\x12\x07\x10\x80\x85\xf7\xc8\x9f\x34");
const std::string kUnknown = field(9, std::string(400, 'x'));

TEST(RemoteWriteDecode, SeriesOfTheShortestFieldsAreRead) {
  EXPECT_TRUE(agree(field(1, times(2600, kShortestLabel) + kShortestSample) + kUnknown, PlainVersion::v1));
  EXPECT_TRUE(agree(field(1, times(20'000, kShortestLabel) + kShortestSample) + kUnknown, PlainVersion::v1));
  EXPECT_TRUE(agree(times(5000, field(1, kShortestSample)) + kUnknown, PlainVersion::v1));
}

TEST(RemoteWriteDecode, LabelThatReachesBeyondItsSeriesIsDamage) {
  // The series ends with the first byte of a label, whose others follow.
  const std::string rest = kShortestLabel.substr(1);
  for (std::size_t labels = 0; labels < 8; ++labels) {
    const std::string series = field(1, times(labels, kShortestLabel) + kShortestLabel.substr(0, 1));
    for (std::size_t size = 200; size < 300; ++size) {
      ASSERT_FALSE(agree(series + rest + field(9, std::string(size, 'x')), PlainVersion::v1));
    }
  }
  const std::string longest = field(1, times(2730, kShortestLabel) + kShortestLabel.substr(0, 1));
  ASSERT_EQ(longest.size(), 16 * 1024);
  EXPECT_FALSE(agree(longest + rest + kUnknown, PlainVersion::v1));
}

TEST(RemoteWriteDecode, LongLabelThatLooksLikeShortOnesIsRead) {
  // Its length, 1285, is the two bytes 85 0a. Taken for one byte it would be 133, with the key of a name behind it;
  // that label would end inside the long one's name, where others of the usual shape follow until the sample.
  const std::string name = std::string(8, 'n') + "\x12\x77" + std::string(0x77, 'v') +
                           times(143, field(1, field(1, "n") + field(2, "v"))) +
                           field(1, field(1, "n") + field(2, "vv"));
  const std::string label = field(1, name);
  ASSERT_EQ(label.size(), 1285);
  EXPECT_TRUE(agree(field(1, field(1, label) + kShortestSample) + kUnknown, PlainVersion::v1));
}

// What a body is refused with; the request is empty then.
std::optional<Errc> refused_with(Result<void> (*decode)(std::string_view, WriteRequest&), const std::string& body) {
  WriteRequest request;
  const Result<void> decoded = decode(body, request);
  EXPECT_EQ(request.bytes(), 0);
  return decoded ? std::nullopt : std::optional(decoded.error().code());
}

TEST(RemoteWriteDecode, ValuesThatTakeManyTimesTheirBytesAreLimited) {
  const std::size_t count = kValuesBytesMax / sizeof(std::string_view) + 1;  // of the smallest value
  const std::string symbols = times(count, field(4, ""));
  const std::string series_of_v2 = field(4, "") + times(count / 2, field(5, ""));
  const std::vector<std::string> of_v1 = {times(count / 2, field(1, "")), times(count / 2, field(3, "")),
                                          times(count / 3, field(1, kShortestSample)),
                                          times(count / 8, field(1, times(8, kShortestLabel)))};
  for (const std::string& body : of_v1) EXPECT_EQ(refused_with(decode_v1, body), Errc::limit_exceeded);
  for (const std::string& body : {symbols, series_of_v2}) {
    EXPECT_EQ(refused_with(decode_v2, body), Errc::limit_exceeded);
  }
}

TEST(RemoteWriteDecode, ValuesOfOneSeriesAreLimitedToo) {
  const std::size_t count = kValuesBytesMax / sizeof(Sample) + 1;  // of the smallest of these
  for (const int number : {1, 2, 3, 4}) {
    EXPECT_EQ(refused_with(decode_v1, field(1, times(count, field(number, "")))), Errc::limit_exceeded) << number;
  }
  EXPECT_EQ(refused_with(decode_v1, field(1, field(3, times(count, field(1, ""))))), Errc::limit_exceeded);
  const std::string labels = field(1, std::string(2 * count, '\0'));
  EXPECT_EQ(refused_with(decode_v2, field(4, "") + field(5, labels)), Errc::limit_exceeded);
  EXPECT_EQ(refused_with(decode_v2, field(4, "") + field(5, field(4, labels))), Errc::limit_exceeded);
  for (const int number : {2, 3, 4}) {
    EXPECT_EQ(refused_with(decode_v2, field(5, times(count, field(number, "")))), Errc::limit_exceeded) << number;
  }
}

TEST(RemoteWriteDecode, LongSeriesIsRead) {
  EXPECT_TRUE(agree(field(1, field(1, field(2, std::string(3'000'000, 'v'))) + kShortestSample), PlainVersion::v1));
}

}  // namespace
}  // namespace promfleet::remote_write
