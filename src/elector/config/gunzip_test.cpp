#include "elector/config/gunzip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

namespace promfleet::elector {
namespace {

using ::testing::HasSubstr;

std::string gzip(std::string_view text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string gunzipped(std::string bytes, std::size_t bytes_max = 1 << 20) {
  const Result<std::string> result = gunzip_if_gzipped(std::move(bytes), bytes_max);
  return result ? *result : result.error().message();
}

TEST(Gunzip, OtherBytesStayAsTheyAre) {
  for (const std::string_view text : {"", "\x1F", "a: 1\n"}) EXPECT_EQ(gunzipped(std::string(text)), text);
}

TEST(Gunzip, UnpacksAllMembers) {
  EXPECT_EQ(gunzipped(gzip("a: 1\n")), "a: 1\n");
  EXPECT_EQ(gunzipped(gzip("a: 1\n") + gzip("") + gzip("b: 2\n")), "a: 1\nb: 2\n");
  const std::string large(300'000, 'x');
  EXPECT_EQ(gunzipped(gzip(large)), large);
}

TEST(Gunzip, DamagedDataIsAnError) {
  std::string checksum = gzip("a: 1\n");
  checksum[checksum.size() - 8] ^= 1;
  EXPECT_EQ(gunzipped(checksum), "the gzip data is damaged: incorrect data check");
  std::string method = gzip("a: 1\n");
  method[2] = 7;
  EXPECT_EQ(gunzipped(method), "the gzip data is damaged: unknown compression method");
}

TEST(Gunzip, EveryTruncationIsAnError) {
  const std::string whole = gzip("a: 1\nb: a longer text, for more than a few bytes\n");
  for (std::size_t size = 2; size < whole.size(); ++size) {
    EXPECT_EQ(gunzipped(whole.substr(0, size)), "the gzip data ends early") << size;
  }
}

TEST(Gunzip, BytesAfterTheDataAreAnError) {
  EXPECT_EQ(gunzipped(gzip("a: 1\n") + "b: 2\n"), "5 bytes that are not gzip follow the gzip data");
  EXPECT_EQ(gunzipped(gzip("a: 1\n") + '\0'), "1 bytes that are not gzip follow the gzip data");
  EXPECT_EQ(gunzipped(gzip("a: 1\n") + gzip("").substr(0, 5)), "the gzip data ends early");
}

TEST(Gunzip, WhatComesOutIsBounded) {
  const std::string bomb = gzip(std::string(1 << 20, 'x'));
  EXPECT_EQ(gunzipped(bomb, 1 << 20).size(), 1U << 20);
  const Result<std::string> refused = gunzip_if_gzipped(bomb, (1 << 20) - 1);
  EXPECT_EQ(refused.error().code(), Errc::limit_exceeded);
  EXPECT_EQ(refused.error().message(), "more than 1048575 bytes when decompressed");
  EXPECT_THAT(gunzipped(gzip("a"), 5), HasSubstr("bytes of gzip data (limit 5)"));
}

}  // namespace
}  // namespace promfleet::elector
