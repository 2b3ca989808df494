#include "net/http/parser.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/http/parser_testing.h"

namespace promfleet::http {
namespace {

Parsed<Request> parse_request(std::string_view input) {
  return parse<Request>(input, input.size());
}
Parsed<Response> parse_response(std::string_view input, BodyRule rule = BodyRule::as_told) {
  return parse<Response>(input, input.size(), rule);
}

TEST(RequestParser, GivesMethodTargetFieldsAndBody) {
  const std::string_view input =
      "POST /write?x=1 HTTP/1.1\r\nHost: a\r\nX-Empty:\r\nContent-Length: 5\r\nX: \t a b \t\r\n\r\nhelloGET";
  for (const std::size_t step : {std::size_t{1}, std::size_t{3}, input.size()}) {
    const auto parsed = parse<Request>(input, step);
    ASSERT_FALSE(parsed.rejection) << parsed.rejection->reason;
    EXPECT_EQ(parsed.message.method, "POST");
    EXPECT_EQ(parsed.message.target, "/write?x=1");
    EXPECT_EQ(parsed.message.fields.find("x"), "a b");
    EXPECT_EQ(parsed.message.fields.find("x-empty"), "");
    EXPECT_EQ(parsed.body, "hello");
    EXPECT_TRUE(parsed.is_done);
    EXPECT_TRUE(parsed.keeps_alive);
    EXPECT_EQ(parsed.rest, "GET");
  }
}

TEST(RequestParser, JoinsChunksAndDropsExtensionsAndTrailers) {
  const std::string_view input =
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
      "5;name=\"va\\\"lue\"\r\nhello\r\n00B\r\n, and more.\r\n0\r\nX-Trailer: t\r\nHost: evil\r\n\r\nNEXT";
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, input.size()}) {
    const auto parsed = parse<Request>(input, step);
    ASSERT_FALSE(parsed.rejection) << parsed.rejection->reason;
    EXPECT_EQ(parsed.body, "hello, and more.");
    EXPECT_EQ(parsed.message.fields.find("x-trailer"), std::nullopt);
    EXPECT_EQ(parsed.message.fields.find("host"), "a");
    EXPECT_TRUE(parsed.is_done);
    EXPECT_EQ(parsed.rest, "NEXT");
  }
}

TEST(RequestParser, IgnoresEmptyLinesBeforeTheRequest) {
  for (const std::size_t step : {std::size_t{1}, std::size_t{100}}) {
    const auto parsed = parse<Request>("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", step);
    ASSERT_FALSE(parsed.rejection);
    EXPECT_TRUE(parsed.is_done);
  }
}

TEST(RequestParser, BringsAbsoluteTargetsIntoOriginFormAndTrustsThemMoreThanHost) {
  const auto parsed = parse_request("GET http://b.example:80/x?y HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_FALSE(parsed.rejection);
  EXPECT_EQ(parsed.message.target, "/x?y");
  EXPECT_EQ(parsed.message.fields.find("host"), "b.example:80");
  EXPECT_EQ(parse_request("GET https://b?y HTTP/1.1\r\nHost: a\r\n\r\n").message.target, "/?y");
  EXPECT_EQ(parse_request("GET HTTP://b HTTP/1.1\r\nHost: a\r\n\r\n").message.target, "/");
}

TEST(RequestParser, KeepsConnectionsAsTheVersionAndTheClientSay) {
  EXPECT_TRUE(parse_request("GET / HTTP/1.1\r\nHost: a\r\n\r\n").keeps_alive);
  EXPECT_FALSE(parse_request("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n").keeps_alive);
  EXPECT_FALSE(parse_request("GET / HTTP/1.0\r\n\r\n").keeps_alive);
  EXPECT_TRUE(parse_request("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keeps_alive);
}

struct SmugglingCase {
  const char* name;
  std::string_view input;
};

// Where recipients disagree about the end of a message, or about what it says, it is refused.
class Smuggling : public ::testing::TestWithParam<SmugglingCase> {};

TEST_P(Smuggling, IsRefusedWith400HoweverItArrives) {
  const std::string_view input = GetParam().input;
  for (const std::size_t step : {std::size_t{1}, input.size()}) {
    const auto parsed = parse<Request>(input, step);
    ASSERT_TRUE(parsed.rejection) << "accepted: " << parsed.body;
    EXPECT_EQ(parsed.rejection->status, 400);
    EXPECT_FALSE(parsed.is_done);
  }
}

using namespace std::string_view_literals;

INSTANTIATE_TEST_SUITE_P(
    Table, Smuggling,
    ::testing::Values(
        SmugglingCase{"LengthAndChunked",
                      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        SmugglingCase{"ChunkedAndLength",
                      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n"},
        SmugglingCase{"TwoLengths",
                      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nhello"},
        SmugglingCase{"TwoEqualLengths",
                      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello"},
        SmugglingCase{"ListOfLengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nhello"},
        SmugglingCase{"SignedLength", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello"},
        SmugglingCase{"NegativeLength", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n"},
        SmugglingCase{"HexLength", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\nhello"},
        SmugglingCase{"EmptyLength", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n"},
        SmugglingCase{"HugeLength", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551616\r\n\r\n"},
        SmugglingCase{"UnknownCoding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n"},
        SmugglingCase{"IdentityCoding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n"},
        SmugglingCase{"CodingBeforeChunked",
                      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
        SmugglingCase{"CodingAfterChunked",
                      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"},
        SmugglingCase{"ChunkedTwice",
                      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"},
        SmugglingCase{"UnknownThenChunked",
                      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n\r\n"},
        SmugglingCase{"QuotedChunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n"},
        SmugglingCase{"VerticalTabInCoding",
                      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \x0b"
                      "chunked\r\n\r\n"},
        SmugglingCase{"ChunkedInHttp10", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
        SmugglingCase{"NoHost", "GET / HTTP/1.1\r\n\r\n"},
        SmugglingCase{"TwoHosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
        SmugglingCase{"TwoEqualHosts", "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n"},
        SmugglingCase{"HostWithPath", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
        SmugglingCase{"HostWithUser", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"},
        SmugglingCase{"FoldedField", "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n"},
        SmugglingCase{"FoldedCoding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"},
        SmugglingCase{"FoldedFirstField", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"},
        SmugglingCase{"SpaceBeforeColon", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 5\r\n\r\nhello"},
        SmugglingCase{"TabBeforeColon", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding\t: chunked\r\n\r\n"},
        SmugglingCase{"NoColon", "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n"},
        SmugglingCase{"EmptyName", "GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n"},
        SmugglingCase{"BareLineFeeds", "GET / HTTP/1.1\nHost: a\n\n"},
        SmugglingCase{"BareLineFeedInField", "GET / HTTP/1.1\r\nHost: a\r\nX: b\nY: c\r\n\r\n"},
        SmugglingCase{"BareLineFeedAtEnd", "GET / HTTP/1.1\r\nHost: a\r\n\n"},
        SmugglingCase{"BareCarriageReturn", "GET / HTTP/1.1\r\nHost: a\r\nX: b\rY: c\r\n\r\n"},
        SmugglingCase{"DoubleCarriageReturn", "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n"},
        SmugglingCase{"NulInValue", "GET / HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n"sv},
        SmugglingCase{"NulInName", "GET / HTTP/1.1\r\nHost: a\r\nX\0: c\r\n\r\n"sv},
        SmugglingCase{"DeleteInValue", "GET / HTTP/1.1\r\nHost: a\r\nX: \x7f\r\n\r\n"},
        SmugglingCase{"SpaceInTarget", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"},
        SmugglingCase{"TwoSpaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"},
        SmugglingCase{"TabInRequestLine", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"},
        SmugglingCase{"SpaceFirst", " GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
        SmugglingCase{"NoTarget", "GET HTTP/1.1\r\nHost: a\r\n\r\n"},
        SmugglingCase{"RelativeTarget", "GET x HTTP/1.1\r\nHost: a\r\n\r\n"},
        SmugglingCase{"OtherScheme", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"},
        SmugglingCase{"UserInTarget", "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n"},
        SmugglingCase{"AsteriskForGet", "GET * HTTP/1.1\r\nHost: a\r\n\r\n"},
        SmugglingCase{"TlsHello", "\x16\x03\x01\x02"},
        SmugglingCase{"ChunkSizeSigned", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n+1\r\nx\r\n"},
        SmugglingCase{"ChunkSizePrefixed",
                      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\nx\r\n0\r\n\r\n"},
        SmugglingCase{"ChunkSizeSpaced",
                      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1 \r\nx\r\n0\r\n\r\n"},
        SmugglingCase{"ChunkSizeHuge",
                      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000001\r\nx\r\n"},
        SmugglingCase{"ChunkSizeEmpty", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\r\nx\r\n"},
        SmugglingCase{"ChunkWithLineFeed",
                      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\nx\r\n0\r\n\r\n"},
        SmugglingCase{"ChunkLongerThanSaid",
                      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n0\r\n\r\n"},
        SmugglingCase{
            "LengthInTrailer",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 3\r\n\r\n"}),
    [](const auto& parameter) { return parameter.param.name; });

struct RefusalCase {
  std::string_view input;
  int status;
};

class Refusal : public ::testing::TestWithParam<RefusalCase> {};

TEST_P(Refusal, HasItsOwnStatus) {
  const auto parsed = parse_request(GetParam().input);
  ASSERT_TRUE(parsed.rejection);
  EXPECT_EQ(parsed.rejection->status, GetParam().status);
}

INSTANTIATE_TEST_SUITE_P(Table, Refusal,
                         ::testing::Values(RefusalCase{"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 400},
                                           RefusalCase{"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 501},
                                           RefusalCase{"GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n", 417}));

TEST(RequestParser, LimitsHeadAndTarget) {
  const HeadLimits limits{.head_bytes_max = 100, .target_bytes_max = 40};
  const std::string field = "X: " + std::string(100, 'x') + "\r\n";
  const std::string long_head = "GET / HTTP/1.1\r\nHost: a\r\n" + field + "\r\n";
  const std::string long_target = "GET /" + std::string(45, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string endless_target = "GET /" + std::string(200, 'x');
  for (const std::size_t step : {std::size_t{1}, std::size_t{1000}}) {
    EXPECT_EQ(parse<Request>(long_head, step, BodyRule::as_told, limits).rejection->status, 431);
    EXPECT_EQ(parse<Request>(long_target, step, BodyRule::as_told, limits).rejection->status, 414);
    EXPECT_EQ(parse<Request>(endless_target, step, BodyRule::as_told, limits).rejection->status, 414);
  }
}

// Boost.Beast asserts on this one in builds that let it.
TEST(RequestParser, SurvivesTheLastChunkInPieces) {
  for (std::size_t split = 1; split < 5; ++split) {
    Parser<Request> parser{HeadLimits{}};
    parser.start(BodyRule::as_told);
    Request request;
    ASSERT_TRUE(parser.parse_head("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", request));
    const std::string_view last = "0\r\n\r\n";
    ASSERT_TRUE(parser.parse_body(last.substr(0, split)));
    EXPECT_FALSE(parser.is_done());
    ASSERT_TRUE(parser.parse_body(last));
    EXPECT_TRUE(parser.is_done());
  }
}

TEST(ResponseParser, KnowsEachWayInWhichABodyEnds) {
  const auto sized = parse_response("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiX");
  EXPECT_EQ(sized.body, "hi");
  EXPECT_EQ(sized.rest, "X");
  EXPECT_TRUE(sized.keeps_alive);

  const auto chunked = parse_response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\nX");
  EXPECT_EQ(chunked.body, "hi");
  EXPECT_EQ(chunked.rest, "X");

  const auto until_close = parse_response("HTTP/1.1 200 OK\r\n\r\nhi");
  EXPECT_EQ(until_close.body, "hi");
  EXPECT_TRUE(until_close.is_done);
  EXPECT_FALSE(until_close.keeps_alive);
}

TEST(ResponseParser, NeedsNoBodyWhereThereIsNone) {
  for (const std::string_view head : {"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
                                      "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"}) {
    EXPECT_TRUE(parse_response(head).is_done);
  }
  const auto answer_to_head = parse_response("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", BodyRule::never);
  EXPECT_TRUE(answer_to_head.is_done);
  EXPECT_TRUE(answer_to_head.keeps_alive);
  EXPECT_EQ(answer_to_head.framing.bytes, 5u);
}

TEST(ResponseParser, NoticesThatTheBodyWasCutOff) {
  EXPECT_FALSE(parse_response("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi").is_done);
  EXPECT_FALSE(parse_response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n").is_done);
}

TEST(ResponseParser, RefusesWhatCouldBeReadInTwoWays) {
  for (const std::string_view input :
       {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "ICY 200 OK\r\n\r\n", "hello\r\n\r\n"}) {
    EXPECT_TRUE(parse_response(input).rejection) << input;
  }
}

}  // namespace
}  // namespace promfleet::http
