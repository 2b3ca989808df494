#include "codec/json/value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace promfleet::json {
namespace {

using ::testing::HasSubstr;

Object object(std::string_view text) {
  return parse(text).value().as_object();
}

TEST(JsonParse, TellsLineAndColumnOfASyntaxError) {
  const Result<Value> parsed = parse("{\n  \"a\": nope\n}");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code(), Errc::invalid_input);
  EXPECT_THAT(parsed.error().message(), HasSubstr("line 2, column "));
}

TEST(JsonParse, RefusesTextThatEndsTooEarly) {
  EXPECT_EQ(parse("{\"a\":").error().message(), "the JSON ends too early");
  EXPECT_EQ(parse("").error().message(), "the JSON ends too early");
}

TEST(JsonParse, RefusesASecondValue) {
  EXPECT_EQ(parse("{} {}").error().code(), Errc::invalid_input);
}

TEST(JsonParse, LimitsDepth) {
  EXPECT_TRUE(parse("[[[]]]", {.depth_max = 3}));
  EXPECT_EQ(parse("[[[[]]]]", {.depth_max = 3}).error().code(), Errc::limit_exceeded);
}

TEST(JsonParse, LimitsSize) {
  EXPECT_TRUE(parse("[1]", {.bytes_max = 3}));
  EXPECT_EQ(parse("[12]", {.bytes_max = 3}).error().code(), Errc::limit_exceeded);
}

TEST(JsonMember, AbsentAndNullAreNothing) {
  const Object empty = object(R"({"here": null})");
  EXPECT_EQ(find_string(empty, "here").value(), std::nullopt);
  EXPECT_EQ(find_string(empty, "gone").value(), std::nullopt);
  EXPECT_EQ(find_integer(empty, "here").value(), std::nullopt);
  EXPECT_EQ(find_object(empty, "here").value(), nullptr);
}

TEST(JsonMember, WrongKindIsNamedWithItsKey) {
  const Object wrong = object(R"({"holder": 7, "spec": []})");
  EXPECT_EQ(find_string(wrong, "holder").error().message(), "holder is a number, not a string");
  EXPECT_EQ(find_object(wrong, "spec").error().message(), "spec is an array, not an object");
  EXPECT_EQ(require_object(wrong, "status").error().message(), "status is missing");
}

TEST(JsonMember, IntegerIsWholeAndFitsItsType) {
  const Object numbers = object(R"({"min": -9223372036854775808, "huge": 18446744073709551615, "half": 0.5})");
  EXPECT_EQ(find_integer(numbers, "min").value(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(find_integer(numbers, "huge").error().message(), "huge is not a whole number of 64 bits");
  EXPECT_EQ(find_integer(numbers, "half").error().message(), "half is not a whole number of 64 bits");
}

}  // namespace
}  // namespace promfleet::json
