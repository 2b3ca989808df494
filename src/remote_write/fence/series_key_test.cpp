#include "remote_write/fence/series_key.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace promfleet::remote_write {
namespace {

SeriesKey key(const std::vector<Label>& labels) {
  return series_key(labels);
}

TEST(SeriesKey, EqualLabelsHaveEqualKeysWhereverTheirBytesLie) {
  const std::string name = "job";
  const std::string value = "node-exporter";
  EXPECT_EQ(key({{"job", "node-exporter"}}), key({{name, value}}));
}

TEST(SeriesKey, BorderBetweenNameAndValueCounts) {
  EXPECT_NE(key({{"ab", "c"}}), key({{"a", "bc"}}));
  EXPECT_NE(key({{"a", "b"}, {"c", "d"}}), key({{"a", "bcd"}}));
  EXPECT_NE(key({{"a", ""}}), key({{"", "a"}}));
}

TEST(SeriesKey, EveryByteOfALabelOfAnyLengthCounts) {
  for (std::size_t size = 1; size <= 70; ++size) {
    const std::string text(size, 'x');
    for (std::size_t at = 0; at < size; ++at) {
      std::string other = text;
      other[at] = 'y';
      EXPECT_NE(key({{"a", text}}), key({{"a", other}})) << size << " " << at;
    }
  }
}

TEST(SeriesKey, LabelsLargerThanTheBufferHaveAKeyToo) {
  const std::string large(5000, 'x');
  EXPECT_EQ(key({{"a", large}}), key({{"a", std::string(5000, 'x')}}));
  EXPECT_NE(key({{"a", large}}), key({{"a", large + "x"}}));
}

// XXH3_128bits of 01 00 00 00 02 00 00 00 "abc". Keys may stand on disk, so no library may change them.
TEST(SeriesKey, IsWhatTheFormatSays) {
  EXPECT_EQ(key({{"a", "bc"}}), (SeriesKey{0xd72e644ceacbdbaa, 0x37fb06d69a222f76}));
}

}  // namespace
}  // namespace promfleet::remote_write
