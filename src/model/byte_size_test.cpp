#include "model/byte_size.h"

#include <gtest/gtest.h>

namespace promfleet {
namespace {

TEST(ByteSize, UnitsArePowersOf1024HoweverTheyAreWritten) {
  EXPECT_EQ(parse_byte_size("64MiB"), std::size_t{64} << 20);
  EXPECT_EQ(parse_byte_size("64MB"), std::size_t{64} << 20);
  EXPECT_EQ(parse_byte_size("3KB"), 3072u);
  EXPECT_EQ(parse_byte_size("2TiB"), std::size_t{2} << 40);
  EXPECT_EQ(parse_byte_size("12B"), 12u);
  EXPECT_EQ(parse_byte_size("12"), 12u);
  EXPECT_EQ(parse_byte_size("0"), 0u);
}

TEST(ByteSize, AnythingElseIsRefused) {
  for (const char* text : {"", "MB", "-1MB", "1.5GB", "1 MB", "1mb", "1PB", "1KK", "9223372036854775807KB",
                           "99999999999999999999", "1MBx", "+1"}) {
    EXPECT_EQ(parse_byte_size(text).error().code(), Errc::invalid_input) << text;
  }
}

}  // namespace
}  // namespace promfleet
