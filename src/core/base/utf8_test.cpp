#include "core/base/utf8.h"

#include <gtest/gtest.h>

namespace promfleet {
namespace {

TEST(Utf8, CharactersAreAsLongAsTheirLeadSays) {
  EXPECT_EQ(utf8_length("a€"), 1u);
  EXPECT_EQ(utf8_length("é€"), 2u);
  EXPECT_EQ(utf8_length("€é"), 3u);
  EXPECT_EQ(utf8_length("😀é"), 4u);
  EXPECT_EQ(utf8_length("\xF4\x8F\xBF\xBF"), 4u) << "U+10FFFF";
}

TEST(Utf8, BytesThatAreNoCharacterHaveNoLength) {
  EXPECT_EQ(utf8_length(""), 0u);
  EXPECT_EQ(utf8_length("\x80"), 0u) << "a continuation alone";
  EXPECT_EQ(utf8_length("\xC3"), 0u) << "cut off";
  EXPECT_EQ(utf8_length("\xC3z"), 0u) << "cut off by another";
  EXPECT_EQ(utf8_length("\xC0\xAF"), 0u) << "an overlong slash";
  EXPECT_EQ(utf8_length("\xE0\x80\xAF"), 0u) << "an overlong slash";
  EXPECT_EQ(utf8_length("\xF0\x80\x80\xAF"), 0u) << "an overlong slash";
  EXPECT_EQ(utf8_length("\xED\xA0\x80"), 0u) << "a surrogate";
  EXPECT_EQ(utf8_length("\xF4\x90\x80\x80"), 0u) << "beyond Unicode";
  EXPECT_EQ(utf8_length("\xFF"), 0u);
}

TEST(Utf8, PrefixEndsWithAWholeCharacter) {
  EXPECT_EQ(utf8_prefix("abc", 3), "abc");
  EXPECT_EQ(utf8_prefix("abc", 2), "ab");
  EXPECT_EQ(utf8_prefix("a\xE2\x82\xAC"
                        "b",
                        4),
            "a\xE2\x82\xAC");
  EXPECT_EQ(utf8_prefix("a\xE2\x82\xAC"
                        "b",
                        3),
            "a");
  EXPECT_EQ(utf8_prefix("\xE2\x82\xAC", 2), "");
}

}  // namespace
}  // namespace promfleet
