#include "codec/snappy/block.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace promfleet::snappy {
namespace {

using testing::HasSubstr;

constexpr std::size_t kPlenty = 1 << 20;

std::string compressed(std::string_view bytes) {
  std::string block;
  compress(bytes, block);
  return block;
}

Result<std::string> decompressed(std::string_view block, std::size_t bytes_max = kPlenty) {
  std::string bytes;
  const Result<void> done = decompress(block, bytes_max, bytes);
  if (!done) return std::unexpected(done.error());
  return bytes;
}

// Half of it repeats, so that a block has literals and copies.
std::string random_bytes(std::mt19937_64& random, std::size_t size) {
  std::string bytes;
  while (bytes.size() < size) {
    if (bytes.size() > 100 && random() % 2 == 0) {
      bytes += bytes.substr(random() % (bytes.size() - 50), random() % 50);
    } else {
      bytes += static_cast<char>(random());
    }
  }
  return bytes;
}

TEST(SnappyBlock, ReadsTheElementsOfTheFormat) {
  EXPECT_EQ(decompressed(std::string_view("\0", 1)).value(), "");
  EXPECT_EQ(decompressed("\x03\x08"
                         "abc")
                .value(),
            "abc");  // a literal
  EXPECT_EQ(decompressed("\x09\x08"
                         "abc"
                         "\x09\x03")
                .value(),
            "abcabcabc");  // and a copy that overlaps itself
  EXPECT_EQ(decompressed(std::string("\x09\x08"
                                     "abc"
                                     "\x16\x03\x00",
                                     8))
                .value(),
            "abcabcabc");  // offset of two bytes
}

TEST(SnappyBlock, KeepsWhatItCompressed) {
  std::mt19937_64 random(1);
  for (const std::size_t size : {0, 1, 59, 60, 61, 255, 256, 65'535, 65'536, 65'537, 300'000}) {
    const std::string bytes = random_bytes(random, size);
    EXPECT_EQ(decompressed(compressed(bytes)).value(), bytes) << size;
  }
}

TEST(SnappyBlock, MakesRepetitionSmall) {
  EXPECT_LT(compressed(std::string(10'000, 'x')).size(), 600);
}

TEST(SnappyBlock, ClaimOfMoreThanAllowedIsRefused) {
  const std::string block = compressed(std::string(1000, 'x'));
  EXPECT_EQ(decompressed(block, 1000).value().size(), 1000);
  const auto refused = decompressed(block, 999);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Errc::limit_exceeded);
  EXPECT_THAT(refused.error().message(), HasSubstr("1000 bytes when decompressed, more than the 999 allowed"));
}

TEST(SnappyBlock, ImpossibleClaimAllocatesNothing) {
  std::string out;
  const std::string block =
      "\x80\x80\x80\x40"
      "\x08"
      "abc";  // 128 MiB of eight bytes
  const Result<void> refused = decompress(block, 1 << 30, out);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Errc::invalid_input);
  EXPECT_LT(out.capacity(), 100);
}

TEST(SnappyBlock, LargestExpansionIsStillRead) {
  for (const std::size_t size : {64, 1000, 60'000}) {
    EXPECT_EQ(decompressed(compressed(std::string(size, 'x'))).value(), std::string(size, 'x'));
  }
}

TEST(SnappyBlock, DamageIsRefused) {
  const std::string whole = compressed(std::string(500, 'x') + "end");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto cut = decompressed(whole.substr(0, size));
    ASSERT_FALSE(cut) << size;
    EXPECT_EQ(cut.error().code(), Errc::invalid_input);
  }
  EXPECT_FALSE(decompressed(whole + "x"));
  EXPECT_FALSE(
      decompressed("\x09\x08"
                   "abc"
                   "\x09\x04"));                           // a copy from before the beginning
  EXPECT_FALSE(decompressed("\xff\xff\xff\xff\xff\x01"));  // a length of more than 32 bits
  EXPECT_FALSE(
      decompressed(std::string("\x09\x08"
                               "abc"
                               "\x09\x00",
                               7)));  // a copy of itself
}

TEST(SnappyBlock, ReusesTheMemoryOfTheOutput) {
  const std::string large = compressed(std::string(5000, 'x'));
  const std::string small = compressed("small");
  std::string out;
  ASSERT_TRUE(decompress(large, kPlenty, out));
  const char* memory = out.data();
  ASSERT_TRUE(decompress(small, kPlenty, out));
  EXPECT_EQ(out, "small");
  ASSERT_TRUE(decompress(large, kPlenty, out));
  EXPECT_EQ(out, std::string(5000, 'x'));
  EXPECT_EQ(out.data(), memory);
}

}  // namespace
}  // namespace promfleet::snappy
