#include "kube/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/os/simulated_file_system.h"
#include "net/http/played_server_testing.h"

namespace promfleet::kube {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kCollection = "/apis/coordination.k8s.io/v1/namespaces/infra/leases";
constexpr std::string_view kNotFound =
    R"({"kind":"Status","reason":"NotFound","message":"no","details":{"kind":"leases","name":"prometheus"}})";

class KubeClient : public testing::Test {
 protected:
  KubeClient() { write_token("one"); }
  ~KubeClient() override { server.close(); }

  void write_token(std::string_view token) { ASSERT_TRUE(files.replace("/sa/token", token, 0600)); }

  void get(Duration patience = 5s) {
    server.start([this, patience]() -> Task<> { answer = co_await client.get(lease, server.clock.now() + patience); });
  }
  void update(const json::Object& content) {
    server.start(
        [this, content]() -> Task<> { answer = co_await client.update(lease, content, server.clock.now() + 5s); });
  }
  void watch() {
    server.start([this]() -> Task<> {
      watch_end = co_await client.watch(lease, [this](const json::Object* object) -> Result<> {
        told.push_back(object == nullptr ? "none"
                                         : std::string(object->at("metadata").at("resourceVersion").as_string()));
        return {};
      });
    });
  }
  // Answers the list and begins the watch from version 5.
  void begin_watch() {
    watch();
    server.answer(0, 200, R"({"metadata":{"resourceVersion":"5"},"items":[]})");
    server.heard(0);
    server.begin(0);
  }

  Errc code() { return answer->error().code(); }

  http::PlayedServer server;
  SimulatedFileSystem files;
  const ObjectName lease{.type = kLeases, .name_space = "infra", .name = "prometheus"};
  Client client{{.dialer = server, .clock = server.clock, .files = files},
                Access{.server = {.is_tls = false, .host = "api", .port = 80},
                       .base_path = "",
                       .tls = {},
                       .credentials = TokenFile{"/sa/token"}},
                "promfleet/1.2.3"};
  std::optional<Result<json::Object>> answer;
  std::optional<Result<>> watch_end;
  std::vector<std::string> told;
};

TEST_F(KubeClient, GetSaysWhoAsks) {
  get();
  EXPECT_THAT(server.heard(0),
              AllOf(StartsWith(fmt::format("GET {}/prometheus HTTP/1.1\r\n", kCollection)),
                    HasSubstr("\r\nUser-Agent: promfleet/1.2.3\r\n"), HasSubstr("\r\nAuthorization: Bearer one\r\n")));
  server.answer(0, 200, R"({"kind":"Lease"})");
  EXPECT_EQ(answer->value(), (json::Object{{"kind", "Lease"}}));
}

TEST_F(KubeClient, MissingObjectIsNotFoundAndAnotherServerIsNot) {
  get();
  server.answer(0, 404, kNotFound);
  EXPECT_EQ(code(), Errc::not_found);
  get();
  server.answer(0, 404, "404 page not found");
  EXPECT_EQ(code(), Errc::protocol);
}

TEST_F(KubeClient, HostThatDnsDoesNotKnowIsNoMissingObject) {
  server.refuse("api", Errc::not_found);
  get();
  EXPECT_EQ(code(), Errc::unreachable);
  update({});
  EXPECT_EQ(code(), Errc::unreachable);
}

TEST_F(KubeClient, UpdateSendsTheObjectAsItIs) {
  update({{"kind", "Lease"}});
  EXPECT_THAT(server.heard(0), AllOf(StartsWith(fmt::format("PUT {}/prometheus HTTP/1.1\r\n", kCollection)),
                                     HasSubstr("Content-Type: application/json\r\n"),
                                     HasSubstr("Content-Length: 16\r\n"), EndsWith("\r\n\r\n{\"kind\":\"Lease\"}")));
  server.answer(0, 200, R"({"kind":"Lease","x":1})");
  EXPECT_EQ(answer->value().at("x"), 1);
}

TEST_F(KubeClient, WriteIsNeverSentTwice) {
  get();
  server.answer(0, 200, "{}");
  update({});
  server.cut(0);
  EXPECT_EQ(code(), Errc::unreachable);
  EXPECT_EQ(server.connections(), 1u);
}

TEST_F(KubeClient, RefusedTokenIsReadAgainAndTriedOnceMore) {
  get();
  write_token("two");
  server.heard(0);
  server.answer(0, 401, "");
  EXPECT_THAT(server.heard(0), HasSubstr("Authorization: Bearer two\r\n"));
  server.answer(0, 401, R"({"kind":"Status","message":"Unauthorized"})");
  EXPECT_EQ(answer->error(), Error(Errc::unauthorized,
                                   "get leases/prometheus in namespace infra: the API server refuses our credentials: "
                                   "Unauthorized"));
}

TEST_F(KubeClient, ServerThatRepeatsTheTokenDoesNotBringItIntoTheLog) {
  write_token("t0ken");
  get();
  server.answer(0, 502, "no way for Bearer t0ken");
  EXPECT_THAT(answer->error().message(), EndsWith("502 Bad Gateway: no way for Bearer <secret>"));
  watch();
  server.answer(0, 200, R"({"metadata":{"resourceVersion":"5"},"items":[]})");
  server.answer(0, 403, R"({"kind":"Status","message":"t0ken is not welcome"})");
  EXPECT_THAT(watch_end->error().message(), EndsWith("<secret> is not welcome"));
}

TEST_F(KubeClient, ServerThatAsksToBeLeftAloneIsAndItsWordsAreRepeated) {
  get(10s);
  server.answer(0, 429, "too many", "Retry-After: 2\r\n");
  const Error refused = answer->error();
  EXPECT_EQ(refused.code(), Errc::unavailable);
  server.heard(0);
  server.pass(500ms);
  get();
  EXPECT_EQ(answer->error(), refused);
  update({});
  EXPECT_EQ(code(), Errc::unavailable) << "it was not sent, so nothing can have been stored";
  server.pass(1500ms);
  get();
  EXPECT_THAT(server.heard(0), StartsWith("GET "));
}

TEST_F(KubeClient, ServerIsLeftAloneForAQuarterOfWhatTheCallHadLeft) {
  get(2s);
  server.pass(1s);
  server.answer(0, 503, "", "Retry-After: 2\r\n");
  server.heard(0);
  server.pass(249ms);
  get();
  EXPECT_EQ(code(), Errc::unavailable);
  server.pass(1ms);
  get();
  EXPECT_THAT(server.heard(0), StartsWith("GET "));
}

TEST_F(KubeClient, RefusedListHoldsUpTheNextWatchAndNoOtherCall) {
  watch();
  server.answer(0, 429, "", "Retry-After: 2\r\n");
  EXPECT_EQ(watch_end->error().code(), Errc::unavailable);
  server.heard(0);
  get();
  EXPECT_THAT(server.heard(0), StartsWith(fmt::format("GET {}/prometheus HTTP/1.1\r\n", kCollection)));
  server.answer(0, 200, "{}");
  watch_end.reset();
  watch();
  EXPECT_EQ(watch_end->error().code(), Errc::unavailable) << "and it was not sent";
}

TEST_F(KubeClient, RefusedWatchHoldsUpNoOtherCall) {
  watch();
  server.answer(0, 200, R"({"metadata":{"resourceVersion":"5"},"items":[]})");
  server.answer(0, 503, "busy", "Retry-After: 2\r\n");
  EXPECT_EQ(watch_end->error().code(), Errc::unavailable);
  server.heard(0);
  update({});
  EXPECT_THAT(server.heard(0), StartsWith("PUT "));
}

TEST_F(KubeClient, ServerThatAsksForAnHourIsAskedAgainAfterThreeSeconds) {
  get(60s);
  server.answer(0, 503, "", "Retry-After: 3600\r\n");
  server.pass(3s);
  server.heard(0);
  get();
  EXPECT_THAT(server.heard(0), StartsWith("GET "));
}

TEST_F(KubeClient, SilentServerIsTimedOutAtTheDeadline) {
  get(3s);
  server.pass(3s);
  EXPECT_EQ(code(), Errc::timed_out);
  EXPECT_THAT(answer->error().message(), StartsWith("get leases/prometheus in namespace infra: "));
}

TEST_F(KubeClient, AnswerThatIsNoObjectIsAProtocolError) {
  for (const char* body : {"", "[]", "<html>"}) {
    get();
    server.answer(0, 200, body);
    EXPECT_EQ(code(), Errc::protocol) << body;
  }
}

TEST_F(KubeClient, WatchListsThenFollowsFromThereByName) {
  watch();
  EXPECT_THAT(server.heard(0),
              StartsWith(fmt::format("GET {}?fieldSelector=metadata.name%3Dprometheus HTTP/1.1\r\n", kCollection)));
  server.answer(0, 200, R"({"metadata":{"resourceVersion":"5"},"items":[{"metadata":{"resourceVersion":"3"}}]})");
  EXPECT_THAT(server.heard(0), HasSubstr("&watch=true&allowWatchBookmarks=true&timeoutSeconds=240&resourceVersion=5 "));
  server.begin(0);
  server.piece(0, "{\"type\":\"MODIFIED\",\"object\":{\"metadata\":{\"resourceVersion\":\"6\"}}}\n");
  server.piece(0, "{\"type\":\"DELETED\",\"object\":{\"metadata\":{\"resourceVersion\":\"7\"}}}\n");
  EXPECT_THAT(told, ElementsAre("3", "6", "none"));
}

TEST_F(KubeClient, WatchThatEndsInAnOrderlyWayGoesOnFromTheLastBookmark) {
  begin_watch();
  server.piece(0, "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"9\"}}}\n");
  server.pass(60s);
  server.end(0);
  EXPECT_THAT(server.heard(0), HasSubstr("resourceVersion=9 "));
  EXPECT_THAT(told, ElementsAre("none"));
  EXPECT_FALSE(watch_end);
}

TEST_F(KubeClient, PlaceThatTheServerForgotIsListedAnewWhetherStatusOrEvent) {
  begin_watch();
  server.pass(60s);
  server.piece(0, "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\"}}\n");
  EXPECT_THAT(server.heard(1), AllOf(HasSubstr("GET "), testing::Not(HasSubstr("watch=true"))));
  server.answer(1, 200, R"({"metadata":{"resourceVersion":"20"},"items":[]})");
  EXPECT_THAT(server.heard(1), HasSubstr("resourceVersion=20 "));
  server.pass(60s);
  server.answer(1, 410, "");
  EXPECT_THAT(server.heard(1), testing::Not(HasSubstr("watch=true")));
  EXPECT_THAT(told, ElementsAre("none", "none"));
}

TEST_F(KubeClient, WatchThatIsEndedAtOnceIsLeftToTheCaller) {
  begin_watch();
  server.end(0);
  EXPECT_EQ(watch_end->error().code(), Errc::unavailable);
}

TEST_F(KubeClient, WatchThatExpiresAtOnceIsLeftToTheCaller) {
  watch();
  server.answer(0, 200, R"({"metadata":{"resourceVersion":"5"},"items":[]})");
  server.answer(0, 410, "");
  EXPECT_EQ(watch_end->error().code(), Errc::unavailable);
}

TEST_F(KubeClient, SilentWatchIsNoticedAfterAMinuteAndAHalf) {
  begin_watch();
  server.pass(89s);
  EXPECT_FALSE(watch_end);
  server.pass(2s);
  EXPECT_EQ(watch_end->error().code(), Errc::timed_out);
}

TEST_F(KubeClient, WatchThatIsForbiddenNamesThePermission) {
  watch();
  server.answer(0, 200, R"({"metadata":{"resourceVersion":"5"},"items":[]})");
  server.answer(0, 403, R"({"kind":"Status","message":"User \"u\" cannot watch resource \"leases\""})");
  EXPECT_EQ(watch_end->error().code(), Errc::forbidden);
  EXPECT_THAT(watch_end->error().message(), HasSubstr("RBAC denies it to u; its Role needs the verb watch"));
}

TEST_F(KubeClient, WatchWithAnOldTokenIsTriedWithTheNewOne) {
  watch();
  server.answer(0, 200, R"({"metadata":{"resourceVersion":"5"},"items":[]})");
  write_token("two");
  server.heard(0);
  server.answer(0, 401, "");
  EXPECT_THAT(server.heard(0), AllOf(HasSubstr("watch=true"), HasSubstr("Bearer two")));
}

TEST_F(KubeClient, BrokenWatchSaysWhy) {
  begin_watch();
  server.cut(0);
  EXPECT_EQ(watch_end->error().code(), Errc::unreachable);
  EXPECT_THAT(watch_end->error().message(), StartsWith("watch leases/prometheus in namespace infra: "));
}

TEST_F(KubeClient, CancelledWatchEnds) {
  begin_watch();
  server.close();
  EXPECT_EQ(watch_end->error().code(), Errc::cancelled);
}

}  // namespace
}  // namespace promfleet::kube
