// The decoders beside their plain twin, on bodies that protobuf allows, and on the same with damage.
#include "codec/remote_write/decode.h"

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

}  // namespace
}  // namespace promfleet::remote_write
