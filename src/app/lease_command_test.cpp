#include "app/lease_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "elector/status/status_json.h"
#include "elector/status/view_testing.h"
#include "net/http/played_server_testing.h"

namespace promfleet {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

using Words = std::vector<std::string>;

LeaseCommand command_of(const Words& words) {
  return parse_lease_command(words).value().value();
}
std::string mistake_in(const Words& words) {
  return parse_lease_command(words).error().message();
}

TEST(LeaseCommandLine, FlagsMayStandBeforeAndAfterTheAction) {
  for (const Words& words : {Words{"-address=http://[::1]:1234/prefix/", "switchover", "--to", "prometheus-1"},
                             Words{"switchover", "-to=prometheus-1", "--address", "http://[::1]:1234/prefix"}}) {
    const LeaseCommand command = command_of(words);
    EXPECT_EQ(command.elector, (http::Origin{.host = "::1", .port = 1234}));
    EXPECT_EQ(command.request.method, "POST");
    EXPECT_EQ(command.request.target, "/prefix/_elector/switchover?to=prometheus-1");
  }
}

TEST(LeaseCommandLine, ElectorOfThisMachineIsAskedByDefault) {
  const LeaseCommand command = command_of({"status"});
  EXPECT_EQ(command.elector, (http::Origin{.host = "127.0.0.1", .port = 9095}));
  EXPECT_EQ(command.request.method, "GET");
  EXPECT_EQ(command.request.target, "/_elector/status");
}

TEST(LeaseCommandLine, HelpIsNoMistake) {
  EXPECT_FALSE(parse_lease_command(Words{"--help"}).value().has_value());
  EXPECT_FALSE(parse_lease_command(Words{"status", "-h"}).value().has_value());
  EXPECT_THAT(lease_help(), AllOf(StartsWith("Usage: promfleet lease"), HasSubstr("step-down"), HasSubstr("-address")));
}

TEST(LeaseCommandLine, MistakesAreNamed) {
  EXPECT_THAT(mistake_in({}), HasSubstr("say what to do: status"));
  EXPECT_THAT(mistake_in({"stepdown"}), HasSubstr("\"stepdown\" is unknown: use status"));
  EXPECT_THAT(mistake_in({"status", "now"}), HasSubstr("unexpected argument \"now\""));
  EXPECT_THAT(mistake_in({"switchover"}), HasSubstr("-to=MEMBER"));
  EXPECT_THAT(mistake_in({"switchover", "-to=a&to=b"}), HasSubstr("no member's name"));
  EXPECT_THAT(mistake_in({"pause", "-to=a"}), HasSubstr("goes with switchover"));
  EXPECT_THAT(mistake_in({"status", "-user=alice"}), HasSubstr("-password-file"));
  EXPECT_THAT(mistake_in({"status", "-address=127.0.0.1:9095"}), StartsWith("flag -address: "));
}

class LeaseCommandTest : public testing::Test {
 protected:
  ~LeaseCommandTest() override { server_.close(); }

  void start(const Words& words) {
    command_ = command_of(words);
    server_.start([this]() -> Task<> { result_ = co_await perform(command_, server_, server_.clock); });
  }
  std::string answered(int status, std::string_view body) {
    server_.answer(0, status, body);
    return result_ ? *result_ : result_.error().message();
  }

  http::PlayedServer server_;
  LeaseCommand command_;
  Result<std::string> result_ = fail(Errc::unavailable, "no result yet");
};

TEST_F(LeaseCommandTest, StatusIsPrintedForPeople) {
  start({"status"});
  EXPECT_THAT(server_.heard(0), StartsWith("GET /_elector/status HTTP/1.1\r\n"));
  EXPECT_THAT(answered(200, elector::status_json(elector::sound_leader())), StartsWith("leader       prometheus-0"));
  EXPECT_TRUE(result_.has_value());
}

TEST_F(LeaseCommandTest, OrdersArePosted) {
  start({"step-down"});
  EXPECT_THAT(server_.heard(0),
              AllOf(StartsWith("POST /_elector/step-down HTTP/1.1\r\n"), HasSubstr("\r\nContent-Length: 0\r\n")));
  EXPECT_THAT(answered(200, "{\"message\":\"ok\"}\n"), StartsWith("the leader steps down"));
}

TEST_F(LeaseCommandTest, RefusalIsToldInTheElectorsWords) {
  start({"step-down"});
  EXPECT_EQ(answered(409, "{\"message\":\"prometheus-1 does not lead\"}\n"),
            "the elector at http://127.0.0.1:9095 refuses: prometheus-1 does not lead");
  EXPECT_FALSE(result_.has_value());
}

TEST_F(LeaseCommandTest, MissingPasswordIsTold) {
  start({"pause"});
  EXPECT_THAT(answered(401, "Unauthorized\n"), HasSubstr("-user and -password-file"));
}

TEST_F(LeaseCommandTest, SomethingElseThatAnswersIsNoElector) {
  start({"status"});
  EXPECT_EQ(answered(404, "404 page not found"),
            "what answers at http://127.0.0.1:9095 is no promfleet elector: it says 404 Not Found");
  EXPECT_FALSE(result_.has_value());
}

TEST_F(LeaseCommandTest, WebPageInsteadOfAStatusIsNoElectorEither) {
  start({"status"});
  EXPECT_THAT(answered(200, "<html>"), HasSubstr("is no promfleet elector"));
  EXPECT_FALSE(result_.has_value());
}

TEST_F(LeaseCommandTest, ElectorThatDoesNotListenOrAnswerIsNamed) {
  server_.refuse("10.0.0.1", Errc::refused);
  for (const char* address : {"http://10.0.0.1:9095", "http://10.0.0.2:9095"}) {
    start({"status", std::string("-address=") + address});
    server_.pass(10s);
    EXPECT_THAT(result_.error().message(),
                StartsWith(fmt::format("no elector answers at {}: is it running there?", address)));
  }
}

}  // namespace
}  // namespace promfleet
