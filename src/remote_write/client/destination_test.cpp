#include "remote_write/client/destination.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/http/played_server_testing.h"

namespace promfleet::remote_write {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class RemoteWriteDestination : public testing::Test {
 protected:
  ~RemoteWriteDestination() override { server.close(); }

  void write(Outgoing outgoing = {.body = "samples"}) {
    written.reset();
    server.start(
        [this, outgoing]() -> Task<> { written = co_await destination.write(outgoing, server.clock.now() + 30s); });
  }
  void fence(std::string_view group = "infra/prometheus", FenceRequest request = {FencingToken(7), ""}) {
    fenced.reset();
    server.start([this, group, request]() -> Task<> {
      fenced = co_await destination.fence(group, request, server.clock.now() + 30s);
    });
  }

  const WriteAnswer& answer() { return written->value(); }
  const FenceAttempt& attempt() { return fenced->value(); }

  // The field that each request gets beside the protocol's.
  std::string credentials = "Bearer one";
  std::function<bool()> credentials_refused = [] { return false; };

  http::PlayedServer server;
  Destination destination{{.dialer = server,
                           .clock = server.clock,
                           .authorize = [this](http::Request& head) { head.fields.add("Authorization", credentials); },
                           .credentials_refused = [this] { return credentials_refused(); }},
                          http::parse_url("http://hub:9201/api/v1/write?key=hush").value(),
                          "promfleet/1.2.3"};
  std::optional<Result<WriteAnswer>> written;
  std::optional<Result<FenceAttempt>> fenced;
};

TEST_F(RemoteWriteDestination, SendsABodyOfVersion1AsItIs) {
  write({.version = Version::v1, .body = "samples"});
  EXPECT_THAT(
      server.heard(0),
      AllOf(StartsWith("POST /api/v1/write?key=hush HTTP/1.1\r\n"), HasSubstr("\r\nHost: hub:9201\r\n"),
            HasSubstr("\r\nContent-Type: application/x-protobuf\r\n"), HasSubstr("\r\nContent-Encoding: snappy\r\n"),
            HasSubstr("\r\nContent-Length: 7\r\n"), HasSubstr("\r\nX-Prometheus-Remote-Write-Version: 0.1.0\r\n"),
            HasSubstr("\r\nUser-Agent: promfleet/1.2.3\r\n"), HasSubstr("\r\nAuthorization: Bearer one\r\n"),
            Not(HasSubstr("X-Promfleet")), EndsWith("\r\n\r\nsamples")));
  server.answer(0, 204, "");
  EXPECT_EQ(answer().kind, WriteAnswer::Kind::stored);
  EXPECT_EQ(answer().status, 204);
}

TEST_F(RemoteWriteDestination, NamesVersion2) {
  write({.version = Version::v2, .body = "samples"});
  EXPECT_THAT(server.heard(0),
              AllOf(HasSubstr("\r\nContent-Type: application/x-protobuf;proto=io.prometheus.write.v2.Request\r\n"),
                    HasSubstr("\r\nX-Prometheus-Remote-Write-Version: 2.0.0\r\n")));
  server.answer(0, 204, "", "X-Prometheus-Remote-Write-Samples-Written: 3\r\n");
  EXPECT_EQ(answer().kind, WriteAnswer::Kind::stored);
  EXPECT_EQ(answer().counts, (WrittenCounts{.samples = 3}));
}

TEST_F(RemoteWriteDestination, ReceiverThatDoesNotKnowVersion2HasStoredNothing) {
  write({.version = Version::v2, .body = "samples"});
  server.answer(0, 204, "");
  EXPECT_EQ(answer().kind, WriteAnswer::Kind::unknown_version);
}

TEST_F(RemoteWriteDestination, FencedWriteSaysItsTerm) {
  const WriteFencing fencing{.group = "infra/prometheus", .token = FencingToken(7), .stream = "shard 1"};
  write({.body = "samples", .fencing = &fencing});
  EXPECT_THAT(server.heard(0),
              AllOf(HasSubstr("\r\nX-Promfleet-Group: infra%2Fprometheus\r\n"),
                    HasSubstr("\r\nX-Promfleet-Token: 7\r\n"), HasSubstr("\r\nX-Promfleet-Stream: shard%201\r\n")));
  server.answer(0, 412, format_refusal({.code = Refusal::fenced, .token = FencingToken(8)}));
  EXPECT_EQ(answer().kind, WriteAnswer::Kind::fenced);
  write({.body = "samples", .fencing = &fencing});
  server.answer(0, 428, format_refusal({.code = Refusal::fence_first, .token = std::nullopt}));
  EXPECT_EQ(answer().kind, WriteAnswer::Kind::fence_first);
}

TEST_F(RemoteWriteDestination, ProtocolsFieldsGoBeforeThoseThatAuthorize) {
  Destination odd({.dialer = server,
                   .clock = server.clock,
                   .authorize =
                       [](http::Request& head) {
                         head.fields.add("content-encoding", "gzip");
                         head.fields.add("x-promfleet-token", "99");
                         head.fields.add("X-Scope-OrgID", "team");
                       },
                   .credentials_refused = {}},
                  http::parse_url("http://hub/").value(), "promfleet/1.2.3");
  const WriteFencing fencing{.group = "g", .token = FencingToken(7), .stream = "s"};
  server.start(
      [&]() -> Task<> { written = co_await odd.write({.body = "x", .fencing = &fencing}, server.clock.now() + 30s); });
  EXPECT_THAT(server.heard(0), AllOf(Not(HasSubstr("gzip")), Not(HasSubstr("99")), HasSubstr("X-Scope-OrgID: team\r\n"),
                                     HasSubstr("X-Promfleet-Token: 7\r\n")));
  server.answer(0, 401, "");
  EXPECT_EQ(answer().kind, WriteAnswer::Kind::again);
}

TEST_F(RemoteWriteDestination, ConnectionIsUsedAgain) {
  for (int i = 0; i < 3; ++i) {
    write();
    EXPECT_THAT(server.heard(0), EndsWith("samples"));
    server.answer(0, 200, "ok");
    EXPECT_EQ(answer().kind, WriteAnswer::Kind::stored);
  }
  EXPECT_EQ(server.connections(), 1u);
}

TEST_F(RemoteWriteDestination, WriteIsSentOnceEvenIfNoAnswerComes) {
  write();
  server.answer(0, 204, "");
  write();
  server.cut(0);
  EXPECT_EQ(answer().kind, WriteAnswer::Kind::again);
  EXPECT_EQ(answer().status, 0);
  EXPECT_THAT(answer().message, StartsWith("http://hub:9201: "));
  EXPECT_EQ(server.connections(), 1u);
}

TEST_F(RemoteWriteDestination, SilentReceiverIsTriedAgainAfterTheDeadline) {
  write();
  server.pass(30s - 1ns);
  EXPECT_FALSE(written);
  server.pass(1ns);
  EXPECT_EQ(answer().kind, WriteAnswer::Kind::again);
  EXPECT_EQ(answer().status, 0);
}

TEST_F(RemoteWriteDestination, HostThatIsNotThereIsTriedAgain) {
  server.refuse("hub", Errc::refused);
  write();
  EXPECT_EQ(answer().kind, WriteAnswer::Kind::again);
  EXPECT_EQ(answer().message, "hub: no connection");
  fence();
  EXPECT_EQ(attempt().kind, FenceAttempt::Kind::again);
  EXPECT_EQ(attempt().message, "hub: no connection");
}

TEST_F(RemoteWriteDestination, RetryAfterDateIsSeenFromTheWallClock) {
  write();
  server.answer(0, 429, "slow down", "Retry-After: Thu, 01 Jan 2026 00:00:09 GMT\r\n");
  EXPECT_EQ(answer().kind, WriteAnswer::Kind::again);
  EXPECT_EQ(answer().retry_after, 9s);
  EXPECT_EQ(answer().message, "slow down");
}

TEST_F(RemoteWriteDestination, MessageNeverShowsTheQueryOrTheCredentials) {
  credentials = "Bearer t0ken";
  write();
  server.answer(0, 404, "nothing for t0ken at /api/v1/write?key=hush\n");
  EXPECT_EQ(answer().message, "nothing for <secret> at /api/v1/write?<secret>");
}

TEST_F(RemoteWriteDestination, CredentialsThatHaveChangedAreTriedOnce) {
  int asked = 0;
  credentials_refused = [&] {
    credentials = "Bearer two";
    ++asked;
    return true;
  };
  write();
  server.heard(0);
  server.answer(0, 401, "who?");
  EXPECT_THAT(server.heard(0), AllOf(HasSubstr("Authorization: Bearer two\r\n"), EndsWith("samples")));
  server.answer(0, 401, "who?");
  EXPECT_EQ(answer().kind, WriteAnswer::Kind::again);
  EXPECT_EQ(answer().status, 401);
  EXPECT_EQ(server.heard(0), "");
  EXPECT_EQ(asked, 1);
}

TEST_F(RemoteWriteDestination, CredentialsThatAreTheSameAreNotTriedAgain) {
  write();
  server.heard(0);
  server.answer(0, 401, "who?");
  EXPECT_EQ(answer().status, 401);
  EXPECT_EQ(server.heard(0), "");
}

TEST_F(RemoteWriteDestination, OverlongAnswerStillCountsByItsStatus) {
  write();
  server.begin(0);  // 200
  for (int i = 0; i < 6; ++i) server.piece(0, std::string(50'000, 'x'));
  EXPECT_EQ(answer().kind, WriteAnswer::Kind::stored);
  write();
  EXPECT_EQ(server.connections(), 2u);
}

TEST_F(RemoteWriteDestination, AnswerThatBreaksOffStillCountsByItsStatus) {
  write();
  server.begin(0);
  server.piece(0, "o");
  server.cut(0);
  EXPECT_EQ(answer().kind, WriteAnswer::Kind::stored);
}

TEST_F(RemoteWriteDestination, AnswerThatComesBeforeTheBodyIsTakenCounts) {
  const std::string large(1'000'000, 'x');
  write({.body = large});
  server.answer(0, 413, "too large", "Connection: close\r\n");
  EXPECT_FALSE(written);
  server.cut(0);
  EXPECT_EQ(answer().kind, WriteAnswer::Kind::refused);
  EXPECT_EQ(answer().message, "too large");
}

TEST_F(RemoteWriteDestination, OnlyACancellationIsAnError) {
  write();
  server.close();
  ASSERT_FALSE(written->has_value());
  EXPECT_EQ(written->error().code(), Errc::cancelled);
}

TEST_F(RemoteWriteDestination, CancellationOfAFenceIsAnErrorToo) {
  fence();
  server.close();
  ASSERT_FALSE(fenced->has_value());
  EXPECT_EQ(fenced->error().code(), Errc::cancelled);
}

TEST_F(RemoteWriteDestination, FenceGoesToTheOriginWithTheCredentials) {
  fence("infra/prometheus", {FencingToken(7), "a/1"});
  EXPECT_THAT(
      server.heard(0),
      AllOf(StartsWith("POST /api/v1/fleet/infra%2Fprometheus/fence HTTP/1.1\r\n"), HasSubstr("\r\nHost: hub:9201\r\n"),
            HasSubstr("\r\nContent-Type: application/json\r\n"), HasSubstr("\r\nUser-Agent: promfleet/1.2.3\r\n"),
            HasSubstr("\r\nAuthorization: Bearer one\r\n"), EndsWith("\r\n\r\n{\"token\":7,\"source\":\"a/1\"}")));
  server.answer(0, 200, R"({"token":7,"watermarks":{"shard 1":1767225600000}})");
  EXPECT_EQ(attempt().kind, FenceAttempt::Kind::done);
  EXPECT_EQ(attempt().answer.watermarks, (Watermarks{{"shard 1", 1767225600000}}));
}

TEST_F(RemoteWriteDestination, FenceOfALowerTokenIsRefused) {
  fence();
  server.answer(0, 412, format_refusal({.code = Refusal::fenced, .token = FencingToken(8)}));
  EXPECT_EQ(attempt().kind, FenceAttempt::Kind::fenced);
}

TEST_F(RemoteWriteDestination, FenceTriesCredentialsThatHaveChanged) {
  credentials_refused = [this] {
    credentials = "Bearer two";
    return true;
  };
  fence();
  server.heard(0);
  server.answer(0, 401, "");
  EXPECT_THAT(server.heard(0), HasSubstr("Authorization: Bearer two\r\n"));
  server.answer(0, 404, "404 page not found\n");
  EXPECT_EQ(attempt().kind, FenceAttempt::Kind::foreign);
  EXPECT_EQ(attempt().message, "404 page not found");
}

TEST_F(RemoteWriteDestination, FenceWhoseAnswerBreaksOffIsTriedAgain) {
  fence();
  server.begin(0);
  server.piece(0, R"({"token":7,)");
  server.cut(0);
  EXPECT_EQ(attempt().kind, FenceAttempt::Kind::again);
}

TEST_F(RemoteWriteDestination, CallsMayRunBesideEachOther) {
  write();
  fence();
  EXPECT_EQ(server.connections(), 2u);
  server.answer(1, 200, R"({"token":7,"watermarks":{}})");
  EXPECT_EQ(attempt().kind, FenceAttempt::Kind::done);
  server.answer(0, 204, "");
  EXPECT_EQ(answer().kind, WriteAnswer::Kind::stored);
}

}  // namespace
}  // namespace promfleet::remote_write
