#include "codec/base64/base64.h"

#include <gtest/gtest.h>

namespace promfleet::base64 {
namespace {

TEST(Base64, GivesTheVectorsOfRfc4648) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(encode(bytes), text);
    EXPECT_EQ(decode(text).value(), bytes);
  }
}

TEST(Base64, KeepsEveryByte) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  EXPECT_EQ(decode(encode(all)).value(), all);
}

TEST(Base64, SkipsLineBreaks) {
  EXPECT_EQ(decode("Zm9v\r\nYmFy\n").value(), "foobar");
}

TEST(Base64, RefusesWhatIsNoBase64) {
  for (const char* text : {"Zg=", "Zg", "Z===", "====", "Zm9v=", "Zg==Zg==", "Zm-_", "Zm 9", "=m9v"}) {
    EXPECT_FALSE(decode(text)) << text;
  }
}

}  // namespace
}  // namespace promfleet::base64
