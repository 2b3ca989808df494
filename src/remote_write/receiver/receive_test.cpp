#include "remote_write/receiver/receive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/remote_write/encode.h"
#include "codec/snappy/block.h"

namespace promfleet::remote_write {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kVersion2 = "application/x-protobuf;proto=io.prometheus.write.v2.Request";

http::Request head(const std::vector<http::Field>& fields) {
  http::Request request{.method = "POST", .target = "/api/v1/write", .fields = {}, .body = {}};
  for (const http::Field& field : fields) request.fields.add(field.name, field.value);
  return request;
}

// The status of the answer that refuses the head.
int status_of(const http::Request& request) {
  const std::expected<Version, http::Response> version = announced_version(request);
  return version ? 0 : version.error().status;
}

std::string compressed(std::string_view bytes) {
  std::string block;
  snappy::compress(bytes, block);
  return block;
}

// Two samples, a histogram and an exemplar of one series.
std::string body_of(Version version) {
  WriteRequest request;
  request.begin_series(std::vector<Label>{{"__name__", "up"}});
  request.add_sample({1000, 1});
  request.add_sample({2000, 0});
  request.add_histogram({.encoded = "\x78\x01", .timestamp_ms = 1});
  request.add_exemplar(1000, 1, std::vector<Label>{{"trace_id", "abc"}});
  std::string bytes;
  EXPECT_TRUE(version == Version::v1 ? encode_v1(request, bytes) : encode_v2(request, bytes));
  return compressed(bytes);
}

TEST(RemoteWriteHead, ContentTypeTellsTheVersion) {
  EXPECT_EQ(announced_version(head({{"Content-Type", "application/x-protobuf"}, {"Content-Encoding", "snappy"}})),
            Version::v1);
  EXPECT_EQ(announced_version(head({{"content-type", kVersion2}, {"content-encoding", "Snappy"}})), Version::v2);
}

TEST(RemoteWriteHead, VersionFieldDecidesNothing) {
  EXPECT_EQ(announced_version(head({{"Content-Type", kVersion2}, {"X-Prometheus-Remote-Write-Version", "0.1.0"}})),
            Version::v2);
  EXPECT_EQ(announced_version(head({{"X-Prometheus-Remote-Write-Version", "2.0.0"}})), Version::v1);
}

TEST(RemoteWriteHead, WhatIsMissingOrEmptyIsAsInVersion1) {
  EXPECT_EQ(announced_version(head({})), Version::v1);
  EXPECT_EQ(announced_version(head({{"Content-Type", ""}, {"Content-Encoding", ""}})), Version::v1);
}

TEST(RemoteWriteHead, AnotherMethodIsNotAllowed) {
  for (const std::string method : {"GET", "HEAD", "PUT", "post"}) {
    http::Request request = head({{"Content-Type", "application/x-protobuf"}, {"Content-Encoding", "snappy"}});
    request.method = method;
    const std::expected<Version, http::Response> version = announced_version(request);
    ASSERT_FALSE(version) << method;
    EXPECT_EQ(version.error().status, 405);
    EXPECT_EQ(version.error().fields.find("Allow"), "POST");
  }
}

TEST(RemoteWriteHead, AnotherContentTypeIsNotSupported) {
  const std::expected<Version, http::Response> version =
      announced_version(head({{"Content-Type", "application/json"}, {"Content-Encoding", "snappy"}}));
  ASSERT_FALSE(version);
  EXPECT_EQ(version.error().status, 415);
  EXPECT_EQ(version.error().body, "the content type is not application/x-protobuf\n");
  EXPECT_EQ(status_of(head({{"Content-Type", "application/x-protobuf;proto=prometheus.ReadRequest"}})), 415);
}

TEST(RemoteWriteHead, AnotherEncodingIsNotSupported) {
  for (const std::string_view encoding : {"gzip", "zstd", "identity", "snappy, gzip", "x-snappy"}) {
    EXPECT_EQ(status_of(head({{"Content-Encoding", encoding}})), 415) << encoding;
  }
  EXPECT_EQ(status_of(head({{"Content-Encoding", "snappy"}, {"Content-Encoding", "gzip"}})), 415);
}

TEST(RemoteWriteBody, IsReadInTheVersionThatWasAnnounced) {
  BodyDecoder decoder;
  for (const Version version : {Version::v1, Version::v2}) {
    const std::string body = body_of(version);
    const Result<const WriteRequest*> request = decoder.decode(version, body);
    ASSERT_TRUE(request);
    ASSERT_EQ((*request)->series().size(), 1u);
    EXPECT_EQ((*request)->labels((*request)->series()[0])[0], (Label{"__name__", "up"}));
    EXPECT_EQ(all_of(**request), (WrittenCounts{.samples = 2, .histograms = 1, .exemplars = 1}));
  }
}

TEST(RemoteWriteBody, NeedsNoOtherMemoryThanTheDecoders) {
  BodyDecoder decoder;
  std::string body = body_of(Version::v1);
  const Result<const WriteRequest*> request = decoder.decode(Version::v1, body);
  ASSERT_TRUE(request);
  body.assign(body.size(), '\0');
  EXPECT_EQ((*request)->labels((*request)->series()[0])[0], (Label{"__name__", "up"}));
}

TEST(RemoteWriteBody, EmptyRequestIsOne) {
  BodyDecoder decoder;
  const std::string nothing = compressed("");
  for (const Version version : {Version::v1, Version::v2}) {
    const Result<const WriteRequest*> request = decoder.decode(version, nothing);
    ASSERT_TRUE(request);
    EXPECT_EQ(all_of(**request), WrittenCounts());
  }
}

TEST(RemoteWriteBody, DamagedOneIsABadRequestWithASentence) {
  BodyDecoder decoder;
  for (const auto& [body, sentence] : {std::pair<std::string, std::string_view>{"", "not a snappy block"},
                                       {compressed("\x0a\x05"), "prometheus.WriteRequest: offset "}}) {
    const Result<const WriteRequest*> request = decoder.decode(Version::v1, body);
    ASSERT_FALSE(request);
    EXPECT_EQ(refusal(request.error()).status, 400);
    EXPECT_THAT(refusal(request.error()).body, HasSubstr(sentence));
  }
  const Result<const WriteRequest*> request = decoder.decode(Version::v2, compressed("\x2a\x05"));
  ASSERT_FALSE(request);
  EXPECT_THAT(request.error().message(), HasSubstr("io.prometheus.write.v2.Request: offset "));
}

TEST(RemoteWriteBody, DecoderReadsTheNextOneAfterADamagedOne) {
  BodyDecoder decoder;
  const std::string good = body_of(Version::v1);
  ASSERT_TRUE(decoder.decode(Version::v1, good));
  ASSERT_FALSE(decoder.decode(Version::v1, "?"));
  const Result<const WriteRequest*> request = decoder.decode(Version::v1, good);
  ASSERT_TRUE(request);
  EXPECT_EQ((*request)->samples().size(), 2u);
}

TEST(RemoteWriteBody, OneThatWouldBecomeTooLargeIsRefusedAsTooLarge) {
  BodyDecoder decoder({.decoded_bytes_max = 999});
  const Result<const WriteRequest*> request = decoder.decode(Version::v1, compressed(std::string(1000, 'x')));
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().code(), Errc::limit_exceeded);
  EXPECT_EQ(refusal(request.error()).status, 413);
}

TEST(RemoteWriteAnswer, CountsBelongToVersion2) {
  const WrittenCounts counts{.samples = 3, .histograms = 2, .exemplars = 1};
  const http::Response of_1 = stored(Version::v1, counts);
  EXPECT_EQ(of_1.status, 204);
  EXPECT_EQ(of_1.fields.size(), 0u);
  const http::Response of_2 = stored(Version::v2, counts);
  EXPECT_EQ(of_2.status, 204);
  EXPECT_EQ(of_2.fields.find("X-Prometheus-Remote-Write-Samples-Written"), "3");
  EXPECT_EQ(of_2.fields.find("X-Prometheus-Remote-Write-Histograms-Written"), "2");
  EXPECT_EQ(of_2.fields.find("X-Prometheus-Remote-Write-Exemplars-Written"), "1");
}

TEST(RemoteWriteAnswer, CountsAreFoundAsTheyWereWritten) {
  for (const WrittenCounts& counts : {WrittenCounts(), WrittenCounts{.samples = 3, .histograms = 2, .exemplars = 1}}) {
    EXPECT_EQ(find_counts(stored(Version::v2, counts).fields), counts);
  }
}

TEST(RemoteWriteAnswer, OneCountIsEnoughAndWhatIsNoNumberIsZero) {
  EXPECT_EQ(find_counts({}), std::nullopt);
  for (const auto& [value, found] : {std::pair<std::string_view, std::optional<WrittenCounts>>{"", std::nullopt},
                                     {"7", WrittenCounts{.exemplars = 7}},
                                     {"-7", WrittenCounts()},
                                     {"7 ", WrittenCounts()},
                                     {"18446744073709551616", WrittenCounts()}}) {
    http::Fields fields;
    fields.add("x-prometheus-remote-write-exemplars-written", value);
    EXPECT_EQ(find_counts(fields), found) << value;
  }
}

}  // namespace
}  // namespace promfleet::remote_write
