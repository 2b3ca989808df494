#include "remote_write/fence/headers.h"

#include <gtest/gtest.h>

namespace promfleet::remote_write {
namespace {

Errc code_of(const auto& result) {
  return result ? Errc::conflict : result.error().code();
}

TEST(FencingFields, ComeBackAsTheyWere) {
  const WriteFencing fencing{"monitoring/prometheus", FencingToken(4711), "half 1 of 2, 50%"};
  const FencingFields fields = format_fields(fencing);
  EXPECT_EQ(fields.group, "monitoring%2Fprometheus");
  EXPECT_EQ(fields.token, "4711");
  EXPECT_EQ(fields.stream, "half%201%20of%202%2C%2050%25");
  EXPECT_EQ(parse_fields({fields.group, fields.token, fields.stream}), fencing);
}

TEST(FencingFields, WriteWithoutThemIsNotFenced) {
  const auto fencing = parse_fields({});
  ASSERT_TRUE(fencing.has_value());
  EXPECT_EQ(*fencing, std::nullopt);
}

TEST(FencingFields, SomeWithoutTheOthersAreRefused) {
  EXPECT_EQ(code_of(parse_fields({.group = "g", .token = "1"})), Errc::invalid_input);
  EXPECT_EQ(code_of(parse_fields({.token = "1", .stream = "s"})), Errc::invalid_input);
  EXPECT_EQ(code_of(parse_fields({.stream = "s"})), Errc::invalid_input);
}

TEST(FencingFields, TokenIsADecimalNumberFromOneOn) {
  for (const char* token : {"", "0", "-1", "+1", "1 ", "0x1", "1.0", "9223372036854775808", "18446744073709551616"}) {
    EXPECT_EQ(code_of(parse_fields({"g", token, "s"})), Errc::invalid_input) << token;
  }
  const auto highest = parse_fields({"g", "9223372036854775807", "s"});
  ASSERT_TRUE(highest && *highest);
  EXPECT_EQ((*highest)->token.value(), kFencingTokenMax);
}

TEST(FencingFields, NameIsEncodedOrVisible) {
  EXPECT_EQ(decode_name("a/b%2fc%2Fd"), "a/b/c/d");
  for (const char* name : {"", "%", "%2", "%2x", "%-1", "%00", "%7F", "%C3%A9", "a b", "a\tb", "\xc3\xa9"}) {
    EXPECT_EQ(code_of(decode_name(name)), Errc::invalid_input) << name;
  }
}

TEST(FencingFields, NameHasALimit) {
  const std::string longest(kFenceNameBytesMax, '/');
  EXPECT_EQ(decode_name(encode_name(longest)), longest);
  EXPECT_EQ(code_of(decode_name(longest + "/")), Errc::limit_exceeded);
  EXPECT_EQ(code_of(decode_name(encode_name(longest) + "%")), Errc::limit_exceeded);
}

TEST(LeftOutFields, AreDecimalNumbers) {
  EXPECT_EQ(parse_left_out("12", "3"), (LeftOut{.covered = 12, .duplicates = 3}));
  EXPECT_EQ(parse_left_out("12", std::nullopt), (LeftOut{.covered = 12}));
  EXPECT_EQ(parse_left_out(std::nullopt, std::nullopt), std::nullopt);
  for (const char* text : {"", "-1", "+1", "1.0", " 1", "many", "18446744073709551616"}) {
    EXPECT_EQ(parse_left_out(text, "3"), (LeftOut{.duplicates = 3})) << text;
  }
}

TEST(FenceBodies, RequestNamesTheTokenAndPerhapsTheSource) {
  EXPECT_EQ(format_fence_request({FencingToken(17), ""}), R"({"token":17})");
  EXPECT_EQ(parse_fence_request(R"( {"token": 17, "more": []} )"), (FenceRequest{FencingToken(17), ""}));
  EXPECT_EQ(format_fence_request({FencingToken(17), "a/1"}), R"({"token":17,"source":"a/1"})");
  EXPECT_EQ(parse_fence_request(R"({"token":17,"source":"a/1"})"), (FenceRequest{FencingToken(17), "a/1"}));
}

TEST(FenceBodies, RequestWithAnImproperSourceIsRefused) {
  for (const char* body :
       {R"({"token":17,"source":""})", R"({"token":17,"source":1})", R"({"token":17,"source":"\n"})"}) {
    EXPECT_EQ(code_of(parse_fence_request(body)), Errc::invalid_input) << body;
  }
}

TEST(FenceBodies, RequestWithoutAProperTokenIsRefused) {
  for (const char* body : {"", "17", "[]", "{}", R"({"token":null})", R"({"token":"17"})", R"({"token":0})",
                           R"({"token":-1})", R"({"token":1.5})", R"({"token":9223372036854775808})"}) {
    EXPECT_EQ(code_of(parse_fence_request(body)), Errc::invalid_input) << body;
  }
}

TEST(FenceBodies, AnswerTellsTheWatermarksOfEveryStream) {
  const GroupRecord record{
      .generation = 3, .token = FencingToken(17), .watermarks = {{"a", 1'795'180'839'552}, {"b", -1}}};
  const std::string body = format_group(record);
  EXPECT_EQ(body, R"({"token":17,"watermarks":{"a":1795180839552,"b":-1}})");
  EXPECT_EQ(parse_fence_answer(body), (FenceAnswer{FencingToken(17), record.watermarks}));
}

TEST(FenceBodies, GroupThatNobodyHasFencedHasNoToken) {
  EXPECT_EQ(format_group({}), R"({"token":null,"watermarks":{}})");
  EXPECT_EQ(code_of(parse_fence_answer(format_group({}))), Errc::invalid_input);
}

TEST(FenceBodies, AnswerOfAnotherShapeIsRefused) {
  for (const char* body : {R"({"token":1})", R"({"token":1,"watermarks":[]})", R"({"token":1,"watermarks":{"a":null}})",
                           R"({"token":1,"watermarks":{"a":"1"}})", R"({"token":1,"watermarks":{"":1}})"}) {
    EXPECT_EQ(code_of(parse_fence_answer(body)), Errc::invalid_input) << body;
  }
}

TEST(FenceBodies, RefusalTellsItsCodeAndThePresentToken) {
  const RefusalAnswer refusal{Refusal::fenced, FencingToken(17)};
  const std::string body = format_refusal(refusal);
  EXPECT_TRUE(body.starts_with(R"({"code":"fenced","token":17,"error":")")) << body;
  EXPECT_EQ(parse_refusal(body), refusal);
  EXPECT_EQ(parse_refusal(format_refusal({Refusal::fence_first, std::nullopt})),
            (RefusalAnswer{Refusal::fence_first, std::nullopt}));
  EXPECT_EQ(code_of(parse_refusal(R"({"code":"else"})")), Errc::invalid_input);
}

TEST(FenceBodies, EachRefusalHasItsStatus) {
  EXPECT_EQ(http_status(Refusal::fenced), 412);
  EXPECT_EQ(http_status(Refusal::fence_first), 428);
  EXPECT_EQ(http_status(Refusal::too_many_streams), 429);
  EXPECT_EQ(http_status(Refusal::too_many_series), 429);
}

}  // namespace
}  // namespace promfleet::remote_write
