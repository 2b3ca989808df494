#include "elector/proxy/proxy.h"

#include <gmock/gmock.h>

#include "elector/proxy/proxy_testing.h"

namespace promfleet::elector {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(ProxyTest, LeaderAsksItsOwnPrometheus) {
  network_.serve(kLocal, answering("own"));
  start();
  EXPECT_EQ(get("/graph").body(), "own\n");
}

TEST_F(ProxyTest, FollowerAsksTheLeadersPrometheusByName) {
  network_.serve(kRemote, answering("leader's"));
  leaders_.set("b");
  start();
  EXPECT_EQ(get("/graph").body(), "leader's\n");
  EXPECT_THAT(network_.dialled, ElementsAre(kProxy, kRemote));
}

TEST_F(ProxyTest, ConnectionsToTheLeaderAreKept) {
  network_.serve(kLocal, answering("own"));
  start();
  for (int i = 0; i < 5; ++i) get("/");
  EXPECT_THAT(network_.dialled, ElementsAre(kProxy, kLocal));
}

TEST_F(ProxyTest, AdministrationIsRefusedUnlessAllowed) {
  std::vector<http::Request> requests;
  network_.serve(kLocal, answering("done", &requests));
  start();
  EXPECT_EQ(post("/-/reload", "").status(), 403);
  EXPECT_THAT(post("/prefix//-/%71uit?x", "").body(), HasSubstr("-api-proxy-allow-admin"));
  EXPECT_THAT(requests, IsEmpty());
  proxy_.emplace(Proxy::Parts{clock_, network_, leaders_, metrics_},
                 ProxyOptions{.admin_access = AdminAccess::allowed});
  EXPECT_EQ(post("/-/reload", "").status(), 200);
}

TEST_F(ProxyTest, WithoutALeaderARequestWaitsAndThenGets503) {
  leaders_.set(std::nullopt);
  start();
  const Asked& page = get("/graph");
  clock_.advance(io_, 4999ms);
  EXPECT_FALSE(page.answer);
  clock_.advance(io_, 1ms);
  EXPECT_EQ(page.status(), 503);
  EXPECT_EQ((*page.answer)->fields.find("Retry-After"), "1");
  EXPECT_THAT(network_.dialled, ElementsAre(kProxy));
}

TEST_F(ProxyTest, ClientsOfTheApiGetPrometheusOwnFormOfAnError) {
  leaders_.set(std::nullopt);
  start({.failover_wait = 0s});
  const Asked& query = get("/api/v1/query?query=up");
  EXPECT_EQ(query.body(),
            R"({"status":"error","errorType":"unavailable","error":"no member leads at the moment; try again"})");
  EXPECT_EQ((*query.answer)->fields.find("Content-Type"), "application/json");
}

TEST_F(ProxyTest, WaitingRequestIsAnsweredAsSoonAsSomebodyLeads) {
  network_.serve(kRemote, answering("leader's"));
  leaders_.set(std::nullopt);
  start();
  const Asked& page = get("/graph");
  clock_.advance(io_, 1s);
  leaders_.set("b");
  settle();
  EXPECT_EQ(page.body(), "leader's\n");
}

TEST_F(ProxyTest, RequestThatMayNotBeRepeatedDoesNotWait) {
  leaders_.set(std::nullopt);
  start();
  EXPECT_EQ(post("/api/v1/write", "x").status(), 503);
}

TEST_F(ProxyTest, QueryGoesToTheNextLeaderWhenTheFirstIsGone) {
  std::vector<http::Request> requests;
  network_.serve(kLocal, answering("own", &requests));
  leaders_.set("b");
  start();
  const Asked& query = post("/api/v1/query", "query=up");
  EXPECT_FALSE(query.answer);
  leaders_.set("a", true);
  settle();
  EXPECT_EQ(query.body(), "own\n");
  EXPECT_EQ(requests.at(0).body, "query=up");
  EXPECT_EQ(requests.at(0).fields.find("Content-Length"), "8");
  EXPECT_FALSE(requests.at(0).fields.find("X-Promfleet-Proxied"));
}

TEST_F(ProxyTest, LeaderThatIsOnlyRestartingIsAskedAgain) {
  start();
  const Asked& page = get("/graph");
  clock_.advance(io_, 1s);
  network_.serve(kLocal, answering("back"));
  clock_.advance(io_, 250ms);
  EXPECT_EQ(page.body(), "back\n");
}

TEST_F(ProxyTest, LeaderWhosePrometheusIsEndingIsNoAnswerYet) {
  bool is_ending = true;
  network_.serve(kLocal, [&](http::Exchange& exchange) -> Task<> {
    http::Response answer = http::text_response(is_ending ? 503 : 200, is_ending ? "Service Unavailable" : "back");
    if (is_ending) answer.fields.add("X-Prometheus-Stopping", "true");
    static_cast<void>(co_await exchange.respond(std::move(answer)));
  });
  start();
  const Asked& query = get("/graph");
  EXPECT_FALSE(query.answer);
  is_ending = false;
  clock_.advance(io_, 250ms);
  EXPECT_EQ(query.body(), "back\n");

  is_ending = true;
  EXPECT_EQ(post("/api/v1/write", "x").body(), "Service Unavailable\n") << "what may not be sent twice";
}

TEST_F(ProxyTest, LeaderWhoseMachineIsGoneIsGivenUpAfterTwoSeconds) {
  network_.make_silent(kRemote);
  network_.serve(kLocal, answering("own"));
  leaders_.set("b");
  start();
  const Asked& page = get("/graph");
  clock_.advance(io_, 1s);
  leaders_.set("a", true);
  clock_.advance(io_, 1s + 250ms);
  EXPECT_EQ(page.body(), "own\n");
}

TEST_F(ProxyTest, LeaderThatNeverAnswersConnectionsGives502InTheEnd) {
  start();
  const Asked& page = get("/graph");
  clock_.advance(io_, 6s);
  EXPECT_EQ(page.status(), 502);
  EXPECT_THAT(page.body(), HasSubstr("localhost:9090: Connection refused"));
}

TEST_F(ProxyTest, OnlyWhatMayBeRepeatedIsSentAgainWhenTheLeaderDiesOverIt) {
  std::vector<http::Request> requests;
  network_.hold(kLocal);
  network_.serve(kRemote, answering("leader's", &requests));
  start();
  const Asked& query = get("/api/v1/query?query=up");
  const Asked& write = post("/api/v1/write", "x");
  leaders_.set("b");
  network_.reset_held();
  clock_.advance(io_, 250ms);
  EXPECT_EQ(query.body(), "leader's\n");
  EXPECT_EQ(write.status(), 502);
  EXPECT_EQ(requests.size(), 1u);
}

TEST_F(ProxyTest, SlowQueryHasFiveMinutes) {
  network_.serve(kLocal, [this](http::Exchange& exchange) -> Task<> {
    static_cast<void>(co_await sleep_for(clock_, 10min));
    static_cast<void>(co_await exchange.respond(http::text_response(200, "late")));
  });
  start();
  const Asked& query = get("/api/v1/query");
  clock_.advance(io_, 5min - 1s);
  EXPECT_FALSE(query.answer);
  clock_.advance(io_, 2s);
  EXPECT_EQ(query.status(), 504);
}

TEST_F(ProxyTest, RequestThatHasBeenProxiedIsNotSentOnAgain) {
  network_.serve(kRemote, answering("leader's"));
  leaders_.set("b");
  start({.failover_wait = 1s});
  http::Request request;
  request.fields.add("X-Promfleet-Proxied", "b");
  const Asked& bounced = ask(request);
  clock_.advance(io_, 1s);
  EXPECT_EQ(bounced.status(), 503);
  EXPECT_THAT(bounced.body(), HasSubstr("do not agree"));
  EXPECT_THAT(network_.dialled, ElementsAre(kProxy));
}

TEST_F(ProxyTest, RequestThatHasBeenProxiedIsAnsweredByTheLeader) {
  std::vector<http::Request> requests;
  network_.serve(kLocal, answering("own", &requests));
  start();
  http::Request request;
  request.fields.add("X-Promfleet-Proxied", "b");
  EXPECT_EQ(ask(request).body(), "own\n");
  EXPECT_FALSE(requests.at(0).fields.find("X-Promfleet-Proxied"));
}

TEST_F(ProxyTest, RequestToAnotherMemberIsMarked) {
  std::vector<http::Request> requests;
  network_.serve(kRemote, answering("leader's", &requests));
  leaders_.set("b");
  start();
  get("/");
  EXPECT_EQ(requests.at(0).fields.find("X-Promfleet-Proxied"), "a");
}

TEST_F(ProxyTest, LeaderNameThatIsNoHostNameIsNotDialled) {
  leaders_.set(std::string("evil.example\0", 13));
  start({.failover_wait = 0s});
  EXPECT_EQ(get("/").status(), 502);
  EXPECT_THAT(network_.dialled, ElementsAre(kProxy));
}

TEST_F(ProxyTest, CredentialsOfOursReplaceTheClientsAndAreReadAnewWhenRefused) {
  std::vector<std::string> seen;
  network_.serve(kLocal, [&seen](http::Exchange& exchange) -> Task<> {
    seen.emplace_back(exchange.request().fields.find("Authorization").value_or("none"));
    const int status = seen.back() == "Bearer new" ? 200 : 401;
    static_cast<void>(co_await exchange.respond(http::text_response(status, "")));
  });
  ASSERT_TRUE(files_.replace("/http.yml", "bearer_token: old", 0600));
  credentials_ = *auth::FollowedConfig<auth::HttpClientConfig>::create(
      {.executor = io_.get_executor(),
       .files = files_,
       .pool = pool_,
       .clock = clock_,
       .metrics = metrics_,
       .log = log_},
      "/http.yml", [](auth::Sources& sources) {
        return auth::load_http_client_config(sources, "/http.yml", net::Transport::tcp, {});
      });
  tasks_.spawn(credentials_->follow(watcher_));
  settle();
  start();
  ASSERT_TRUE(files_.replace("/http.yml", "bearer_token: new", 0600));
  http::Request request;
  request.fields.add("Authorization", "Basic client");
  EXPECT_EQ(ask(request).status(), 401);
  EXPECT_EQ(ask(request).status(), 200);
  EXPECT_THAT(seen, ElementsAre("Bearer old", "Bearer new"));
}

TEST_F(ProxyTest, ClientsOwnCredentialsPassOtherwise) {
  std::vector<http::Request> requests;
  network_.serve(kLocal, answering("ok", &requests));
  start();
  http::Request request;
  request.fields.add("Authorization", "Basic client");
  ask(request);
  EXPECT_EQ(requests.at(0).fields.find("Authorization"), "Basic client");
}

TEST_F(ProxyTest, AnswersAreCountedByCodeAndByWhoAnswered) {
  network_.serve(kLocal, answering("own"));
  start();
  get("/");
  get("/");
  get("/-/quit");
  EXPECT_THAT(metrics_.render(),
              AllOf(HasSubstr(R"(promfleet_elector_proxy_requests_total{code="200",upstream="self"} 2)"),
                    HasSubstr(R"(promfleet_elector_proxy_requests_total{code="403",upstream="none"} 1)")));
}

TEST_F(ProxyTest, FormerLeadersConnectionsAreDropped) {
  network_.serve(kRemote, answering("leader's"));
  network_.serve(kLocal, answering("own"));
  leaders_.set("b");
  start();
  get("/");
  leaders_.set("a", true);
  get("/");
  leaders_.set("b");
  get("/");
  EXPECT_THAT(network_.dialled, ElementsAre(kProxy, kRemote, kLocal, kRemote));
}

TEST_F(ProxyTest, BodiesThatAreKeptForTheNextLeaderAreBoundedTogether) {
  std::vector<http::Request> received;
  network_.serve(kLocal, answering("ok", &received));
  leaders_.set(std::nullopt);
  start();
  const auto ask_with_body = [this]() -> Asked& { return post("/api/v1/query", std::string(64 * 1024, 'x')); };
  std::vector<Asked*> kept;
  for (int count = 0; count < 256; ++count) kept.push_back(&ask_with_body());
  EXPECT_EQ(kept.back()->status(), 0) << "it waits";
  EXPECT_EQ(ask_with_body().status(), 503);
  EXPECT_EQ(get("/").status(), 0) << "without a body there is nothing to keep";
  leaders_.set("a", true);
  settle();
  EXPECT_THAT(kept, testing::Each(testing::Property(&Asked::status, 200)));
  leaders_.set(std::nullopt);
  settle();
  EXPECT_EQ(ask_with_body().status(), 0) << "there is room again";
}

}  // namespace
}  // namespace promfleet::elector
