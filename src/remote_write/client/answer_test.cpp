#include "remote_write/client/answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace promfleet::remote_write {
namespace {

using ::testing::HasSubstr;

constexpr FencingToken kToken(7);

Received received(int status, std::string_view body = "") {
  return {.response = {.status = status, .fields = {}, .body = std::string(body)}, .at = {}, .secrets = {}};
}

Received with_field(Received answer, std::string_view name, std::string_view value) {
  answer.response.fields.add(name, value);
  return answer;
}

Received ended(Received answer, Received::BodyEnd end) {
  answer.body_end = end;
  return answer;
}

Received refused_by_fence(Refusal refusal) {
  return received(http_status(refusal), format_refusal({.code = refusal, .token = kToken}));
}

WriteAnswer::Kind kind_of(const Received& answer, Version version = Version::v1) {
  return read_write_answer(version, answer).kind;
}

FenceAttempt::Kind fence_kind_of(const Received& answer) {
  return read_fence_answer(kToken, answer).kind;
}

std::string message_of(const Received& answer) {
  return read_write_answer(Version::v1, answer).message;
}

TEST(WriteAnswerTest, EverySuccessIsStored) {
  for (const int status : {200, 202, 204, 299}) {
    const WriteAnswer answer = read_write_answer(Version::v1, received(status, "ok"));
    EXPECT_EQ(answer.kind, WriteAnswer::Kind::stored) << status;
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.message, "");
    EXPECT_EQ(answer.counts, std::nullopt);
  }
}

TEST(WriteAnswerTest, SuccessStaysOneWhenTheConnectionBreaksInItsBody) {
  EXPECT_EQ(kind_of(ended(received(200, "o"), Received::BodyEnd::broken_off)), WriteAnswer::Kind::stored);
}

TEST(WriteAnswerTest, SuccessOf2WithoutCountsMeansThatNothingWasStored) {
  const WriteAnswer answer = read_write_answer(Version::v2, received(204));
  EXPECT_EQ(answer.kind, WriteAnswer::Kind::unknown_version);
  EXPECT_EQ(answer.status, 204);
  EXPECT_THAT(answer.message, HasSubstr("does not know remote write 2.0"));
}

TEST(WriteAnswerTest, SuccessOf2WithAnyCountIsStored) {
  const WriteAnswer answer =
      read_write_answer(Version::v2, with_field(received(204), "X-Prometheus-Remote-Write-Histograms-Written", "0"));
  EXPECT_EQ(answer.kind, WriteAnswer::Kind::stored);
  EXPECT_EQ(answer.counts, WrittenCounts());
}

TEST(WriteAnswerTest, CountsOfAPartThatWasStoredAreKept) {
  const WriteAnswer answer = read_write_answer(
      Version::v2, with_field(received(400, "bad"), "X-Prometheus-Remote-Write-Samples-Written", "12"));
  EXPECT_EQ(answer.kind, WriteAnswer::Kind::refused);
  EXPECT_EQ(answer.counts, (WrittenCounts{.samples = 12}));
}

TEST(WriteAnswerTest, WhatAReceiverLeftOutIsKept) {
  const WriteAnswer answer = read_write_answer(
      Version::v1, with_field(with_field(received(204), "X-Promfleet-Covered", "12"), "X-Promfleet-Duplicates", "3"));
  EXPECT_EQ(answer.left_out, (LeftOut{.covered = 12, .duplicates = 3}));
  EXPECT_EQ(read_write_answer(Version::v1, received(204)).left_out, std::nullopt);
  EXPECT_EQ(read_write_answer(Version::v1, with_field(received(400), "X-Promfleet-Covered", "1")).left_out,
            std::nullopt);
}

TEST(WriteAnswerTest, WhatTheBodySaysIsRefused) {
  for (const int status : {400, 409, 412, 413, 422}) {
    EXPECT_EQ(kind_of(received(status)), WriteAnswer::Kind::refused) << status;
  }
}

TEST(WriteAnswerTest, UnsupportedMediaTypeIsAnUnknownVersion) {
  EXPECT_EQ(kind_of(received(415), Version::v1), WriteAnswer::Kind::unknown_version);
  EXPECT_EQ(kind_of(received(415), Version::v2), WriteAnswer::Kind::unknown_version);
}

TEST(WriteAnswerTest, EverythingElseMayGoWellLater) {
  for (const int status : {301, 302, 307, 308, 401, 402, 403, 404, 405, 407, 408, 410, 411,
                           421, 425, 428, 429, 431, 451, 500, 501, 502, 503, 504, 529}) {
    EXPECT_EQ(kind_of(received(status)), WriteAnswer::Kind::again) << status;
  }
}

TEST(WriteAnswerTest, RefusalOfAFenceIsKnownByStatusAndCode) {
  EXPECT_EQ(kind_of(refused_by_fence(Refusal::fenced)), WriteAnswer::Kind::fenced);
  EXPECT_EQ(kind_of(refused_by_fence(Refusal::fence_first)), WriteAnswer::Kind::fence_first);
  EXPECT_EQ(kind_of(refused_by_fence(Refusal::too_many_series)), WriteAnswer::Kind::again);
  const std::string fenced = format_refusal({.code = Refusal::fenced, .token = kToken});
  EXPECT_EQ(kind_of(received(428, fenced)), WriteAnswer::Kind::again);
  EXPECT_EQ(kind_of(received(400, fenced)), WriteAnswer::Kind::refused);
  const std::string fence_first = format_refusal({.code = Refusal::fence_first, .token = kToken});
  EXPECT_EQ(kind_of(received(412, fence_first)), WriteAnswer::Kind::refused);
}

TEST(WriteAnswerTest, HalfARefusalOfAFenceDecidesNothing) {
  EXPECT_EQ(kind_of(ended(received(412, "{\"code\":"), Received::BodyEnd::broken_off)), WriteAnswer::Kind::again);
  EXPECT_EQ(kind_of(ended(received(412, "<html>"), Received::BodyEnd::too_long)), WriteAnswer::Kind::refused);
}

TEST(WriteAnswerTest, MessageIsWhatTheReceiverSays) {
  EXPECT_EQ(message_of(received(400, "out of order\nsample\n")), "out of order sample");
  EXPECT_EQ(message_of(received(500, std::string(5000, 'x'))).size(), 512u);
}

TEST(WriteAnswerTest, MessageIsTheStatusWhereTheReceiverSaysNothing) {
  EXPECT_EQ(message_of(received(503, " \n")), "503 Service Unavailable");
}

TEST(WriteAnswerTest, MessageHidesTheQueryOfTheUrl) {
  Received answer = received(404, "no page /write?key=hush here");
  answer.secrets = {"key=hush"};
  EXPECT_EQ(message_of(answer), "no page /write?<secret> here");
}

TEST(WriteAnswerTest, MessageOfARedirectSaysWhereToButNoSecrets) {
  const Received moved = received(301, "<a href=\"x?key=hush\">Moved</a>");
  EXPECT_EQ(message_of(with_field(moved, "Location", "https://hub.example/write?key=hush")),
            "301 Moved Permanently to https://hub.example/write");
  for (const std::string_view location : {"https://user:hush@hub.example/", "/login?key=hush", ""}) {
    EXPECT_EQ(message_of(with_field(moved, "Location", location)), "301 Moved Permanently") << location;
  }
}

TEST(WriteAnswerTest, RetryAfterIsOfWhatMayGoWellLater) {
  EXPECT_EQ(read_write_answer(Version::v1, with_field(received(429), "Retry-After", "9")).retry_after, 9s);
  EXPECT_EQ(read_write_answer(Version::v1, with_field(received(503), "Retry-After", "9")).retry_after, 9s);
  EXPECT_EQ(read_write_answer(Version::v1, received(503)).retry_after, std::nullopt);
  EXPECT_EQ(read_write_answer(Version::v1, with_field(received(400), "Retry-After", "9")).retry_after, std::nullopt);
}

TEST(FenceAnswerTest, AnswerWithTheTokenIsDone) {
  const FenceAttempt attempt =
      read_fence_answer(kToken, received(200, format_group({.token = kToken, .watermarks = {{"a", 5}}})));
  EXPECT_EQ(attempt.kind, FenceAttempt::Kind::done);
  EXPECT_EQ(attempt.answer, (FenceAnswer{.token = kToken, .watermarks = {{"a", 5}}}));
  EXPECT_EQ(attempt.message, "");
}

TEST(FenceAnswerTest, OtherSuccessIsForeign) {
  EXPECT_EQ(fence_kind_of(received(200, "ok")), FenceAttempt::Kind::foreign);
  EXPECT_EQ(fence_kind_of(received(204)), FenceAttempt::Kind::foreign);
  EXPECT_EQ(fence_kind_of(received(201, format_group({.token = kToken}))), FenceAttempt::Kind::foreign);
  EXPECT_EQ(fence_kind_of(received(200, format_group({.token = FencingToken(8)}))), FenceAttempt::Kind::foreign);
}

TEST(FenceAnswerTest, FencedIsKnownByItsBody) {
  EXPECT_EQ(fence_kind_of(refused_by_fence(Refusal::fenced)), FenceAttempt::Kind::fenced);
  EXPECT_EQ(fence_kind_of(received(412, "no")), FenceAttempt::Kind::foreign);
  EXPECT_EQ(fence_kind_of(refused_by_fence(Refusal::fence_first)), FenceAttempt::Kind::foreign);
}

TEST(FenceAnswerTest, WhatMayGoWellLaterIsTriedAgain) {
  for (const int status : {401, 408, 425, 429, 500, 501, 503, 529}) {
    const FenceAttempt attempt = read_fence_answer(kToken, with_field(received(status, "busy"), "Retry-After", "9"));
    EXPECT_EQ(attempt.kind, FenceAttempt::Kind::again) << status;
    EXPECT_EQ(attempt.retry_after, 9s);
    EXPECT_EQ(attempt.message, "busy");
  }
}

TEST(FenceAnswerTest, AnyOtherAnswerIsForeign) {
  for (const int status : {301, 307, 400, 402, 403, 404, 405, 409, 410, 413, 415, 422, 428}) {
    const FenceAttempt attempt =
        read_fence_answer(kToken, with_field(received(status, "404 page"), "Retry-After", "9"));
    EXPECT_EQ(attempt.kind, FenceAttempt::Kind::foreign) << status;
    EXPECT_EQ(attempt.retry_after, std::nullopt);
    EXPECT_NE(attempt.message, "");
  }
}

TEST(FenceAnswerTest, HalfABodyDecidesNothingButTooLongAOneIsNoneOfOurs) {
  for (const int status : {200, 412}) {
    EXPECT_EQ(fence_kind_of(ended(received(status, "{"), Received::BodyEnd::broken_off)), FenceAttempt::Kind::again);
    EXPECT_EQ(fence_kind_of(ended(received(status, "<"), Received::BodyEnd::too_long)), FenceAttempt::Kind::foreign);
  }
}

}  // namespace
}  // namespace promfleet::remote_write
