#include "codec/json/writer.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace promfleet::json {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  Writer(out).value(text);
  return out;
}

TEST(JsonWriter, PutsCommasBetweenElementsAndMembers) {
  std::string out;
  Writer(out)
      .begin_object()
      .member("a", 1)
      .key("b")
      .begin_array()
      .value("x")
      .value(true)
      .value(nullptr)
      .begin_object()
      .end_object()
      .end_array()
      .member("c", -0.5)
      .end_object();
  EXPECT_EQ(out, R"({"a":1,"b":["x",true,null,{}],"c":-0.5})");
}

TEST(JsonWriter, AppendsToWhatIsThere) {
  std::string out = "data: ";
  Writer(out).value("x");
  EXPECT_EQ(out, R"(data: "x")");
}

TEST(JsonWriter, StringThatEndsInABracketDoesNotHideTheComma) {
  std::string out;
  Writer(out).begin_array().value("{").value("[").value(":").end_array();
  EXPECT_EQ(out, R"(["{","[",":"])");
}

TEST(JsonWriter, EscapesWhatWouldEndAStringOrAScriptElement) {
  EXPECT_EQ(quoted("a\"b\\c\n\r\t\x01"), R"("a\"b\\c\n\r\t\u0001")");
  EXPECT_EQ(quoted("</script>&"), R"("\u003c/script\u003e\u0026")");
  EXPECT_EQ(quoted(std::string_view("\0", 1)), R"("\u0000")");
}

TEST(JsonWriter, KeepsUtf8AndReplacesWhatIsNot) {
  EXPECT_EQ(quoted("é€😀"), "\"é€😀\"");
  EXPECT_EQ(quoted("a\xFF"
                   "b"),
            "\"a\xEF\xBF\xBD"
            "b\"");
  EXPECT_EQ(quoted("\xC3"), "\"\xEF\xBF\xBD\"");
  EXPECT_EQ(quoted("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"") << "a surrogate";
  EXPECT_EQ(quoted("\xC0\xAF"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"") << "an overlong slash";
}

TEST(JsonWriter, NumbersThatJsonCannotHoldAreNull) {
  std::string out;
  Writer(out).begin_array().value(std::nan("")).value(std::numeric_limits<double>::infinity()).value(1e300).end_array();
  EXPECT_EQ(out, "[null,null,1e+300]");
}

TEST(JsonWriter, TreeComesBackAsItWasRead) {
  const std::string text =
      R"({"n":null,"t":true,"i":-9223372036854775808,"u":18446744073709551615,"d":0.25,"s":"\"","a":[[],{}]})";
  EXPECT_EQ(write(parse(text).value()), text);
}

}  // namespace
}  // namespace promfleet::json
