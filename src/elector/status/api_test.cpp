#include "elector/status/api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/json/value.h"
#include "core/async/testing.h"
#include "core/os/simulated_clock.h"
#include "core/os/simulated_file_system.h"
#include "core/os/simulated_file_watcher.h"
#include "core/telemetry/log_testing.h"
#include "election/simulated_lease_store.h"
#include "election/term_file_testing.h"
#include "elector/prometheus/prometheus_testing.h"
#include "elector/status/view_testing.h"

namespace promfleet::elector {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

// A request with its body, and the answer that it gets.
class RecordedExchange final : public http::Exchange {
 public:
  explicit RecordedExchange(http::Request request) : request_(std::move(request)) {}

  const http::Request& request() const override { return request_; }
  std::string peer_address() const override { return "127.0.0.1"; }
  http::ConnectionNumber connection() const override { return {}; }
  bool is_tls() const override { return false; }
  bool has_body() const override { return !request_.body.empty(); }
  std::optional<std::uint64_t> body_bytes() const override { return request_.body.size(); }
  Task<Result<std::string>> read_body(std::size_t bytes_max) override {
    if (request_.body.size() > bytes_max) co_return fail(Errc::limit_exceeded, "the body is too long");
    co_return request_.body;
  }
  Task<Result<std::string_view>> read_some() override { co_return std::string_view(); }
  Task<Result<>> respond(http::Response response) override {
    answer = std::move(response);
    co_return Result<>();
  }
  Task<Result<>> begin(http::Response, std::string_view) override { co_return Result<>(); }
  Task<Result<>> write(std::string_view) override { co_return Result<>(); }
  Task<Result<>> end(std::string_view) override { co_return Result<>(); }
  void when_gone(std::function<void()>) override {}

  http::Response answer;

 private:
  http::Request request_;
};

// prometheus-0, alone with its lease, which it takes.
class ApiTest : public testing::Test {
 protected:
  ApiTest() {
    EXPECT_TRUE(files_.replace("/elector.yaml", "follower: {}\nleader: {remote_write: []}\n", 0600));
    api_.add_routes(router_);
    router_.add_prefix("/", [](http::Exchange& exchange) -> Task<> {
      static_cast<void>(co_await exchange.respond(http::text_response(200, "Prometheus")));
    });
    sidecar_.start();
    pass(60s);
  }
  ~ApiTest() override {
    closing_.spawn(sidecar_.close());
    pass(0s);
  }

  void pass(Duration time) { clock_.advance(io_, time); }

  http::Response ask(http::Request request) {
    RecordedExchange exchange(std::move(request));
    TaskScope asking(io_.get_executor());
    asking.spawn(router_.route(exchange));
    pass(0s);
    return exchange.answer;
  }
  http::Response get(std::string target) { return ask({.target = std::move(target)}); }
  http::Response post(std::string target) { return ask({.method = "POST", .target = std::move(target)}); }

  asio::io_context io_;
  SimulatedClock clock_;
  SimulatedFileSystem files_;
  SimulatedFileWatcher watcher_;
  election::MemoryTermFile term_file_;
  MemorySink sink_;
  Registry metrics_;
  CpuPool pool_{0};
  SimulatedPrometheus prometheus_{io_, clock_, files_, "/out/prometheus.yml"};
  election::SimulatedLease lease_;
  election::SimulatedLeaseStore store_{lease_, clock_, io_.get_executor(),
                                       election::SimulatedLeaseStore::Watching::unsupported};
  TaskScope closing_{io_.get_executor()};
  Sidecar sidecar_{{.io = io_,
                    .clock = clock_,
                    .files = files_,
                    .watcher = watcher_,
                    .pool = pool_,
                    .reading_pool = pool_,
                    .prometheus = prometheus_,
                    .store = store_,
                    .term_file = term_file_,
                    .metrics = metrics_,
                    .log = Log(sink_, clock_, LogFormat::logfmt, LogLevel::debug)},
                   {.member = "prometheus-0",
                    .config = {.config = "/elector.yaml"},
                    .reconciler = {.output = "/out/prometheus.yml"}}};
  StatusView view_ = sound_leader();
  bool is_trusted_ = true;
  Api api_{{.sidecar = sidecar_,
            .metrics = metrics_,
            .view = [this] { return view_; },
            .may_operate = [this](const http::Exchange&) { return is_trusted_; }}};
  http::Router router_;
};

TEST_F(ApiTest, TellsWhoLeads) {
  EXPECT_EQ(get("/_elector/leader").body, "{\"is_leader\":true,\"current_leader\":\"prometheus-0\"}\n");
  EXPECT_EQ(get("/_elector/is-leader").status, 200);
  EXPECT_EQ(get("/_elector/is-follower").status, 503);
}

TEST_F(ApiTest, HealthTellsWhatDoesNotWorkAndStays200) {
  EXPECT_EQ(get("/_elector/healthz").body, "{\"status\":\"ok\",\"problems\":[]}\n");
  view_ = troubled_follower();
  const http::Response health = get("/_elector/healthz");
  EXPECT_EQ(health.status, 200);
  EXPECT_EQ(health.fields.find("Content-Type"), "application/json");
  EXPECT_THAT(health.body, StartsWith("{\"status\":\"degraded\",\"problems\":[\"lease: PUT"));
}

TEST_F(ApiTest, ReadinessIsToldByTheStatusCodeAndWhyNotInOneLine) {
  view_ = newcomer();
  EXPECT_EQ(get("/_elector/ready").status, 503);
  EXPECT_EQ(get("/_elector/ready").body, "Prometheus has not been ready yet: not ready yet\n");
  view_ = sound_leader();
  EXPECT_EQ(get("/_elector/ready").status, 200);
  EXPECT_EQ(get("/_elector/ready").body, "ready\n");
  view_ = troubled_follower();
  EXPECT_EQ(get("/_elector/ready").status, 200);
  api_.leave();
  EXPECT_EQ(get("/_elector/ready").status, 503);
}

TEST_F(ApiTest, MetricsAreInThePrometheusTextFormat) {
  const http::Response metrics = get("/_elector/metrics");
  EXPECT_EQ(metrics.fields.find("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(metrics.body, AllOf(HasSubstr("\npromfleet_elector_config_valid 1\n"),
                                  HasSubstr("election_is_leader{member_id=\"prometheus-0\"} 1\n")));
}

TEST_F(ApiTest, StatusAndHistoryAreJson) {
  for (const char* path : {"/_elector/status", "/_elector/history"}) {
    const http::Response answer = get(path);
    EXPECT_EQ(answer.fields.find("Content-Type"), "application/json") << path;
    EXPECT_TRUE(json::parse(answer.body).has_value()) << path;
  }
  const json::Value history = json::parse(get("/_elector/history").body).value();
  EXPECT_EQ(history.at("history").as_array().back().at("reason"), "acquired");
}

TEST_F(ApiTest, PageMayLoadNothingFromElsewhere) {
  const http::Response page = get("/_elector/");
  EXPECT_EQ(page.fields.find("Content-Type"), "text/html; charset=utf-8");
  EXPECT_THAT(std::string(page.fields.find("Content-Security-Policy").value()), StartsWith("default-src 'none';"));
  EXPECT_THAT(page.body, HasSubstr("prometheus-0 leads"));
  EXPECT_EQ(get("/_elector").fields.find("Location"), "/_elector/");
}

TEST_F(ApiTest, UnknownPathsBelowOursAreNobodyElses) {
  EXPECT_EQ(get("/_elector/nonsense").status, 404);
  EXPECT_EQ(get("/_elector/leader/").status, 404);
  EXPECT_EQ(get("/graph").body, "Prometheus\n");
}

TEST_F(ApiTest, OperationsAreNoQuestions) {
  EXPECT_EQ(get("/_elector/step-down").status, 405);
  EXPECT_EQ(get("/_elector/step-down").fields.find("Allow"), "POST");
}

TEST_F(ApiTest, StepDownEndsTheTerm) {
  EXPECT_EQ(post("/_elector/step-down").status, 200);
  EXPECT_EQ(get("/_elector/is-leader").status, 503);
  const http::Response again = post("/_elector/step-down");
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.body, "{\"message\":\"prometheus-0 does not lead\"}\n");
}

TEST_F(ApiTest, SwitchoverNamesTheNextLeaderInTheLease) {
  EXPECT_EQ(post("/_elector/switchover").status, 400);
  EXPECT_EQ(post("/_elector/switchover?to=prometheus-0").status, 400);
  EXPECT_EQ(post("/_elector/switchover?x=1&to=prometheus-1").status, 200);
  EXPECT_EQ(lease_.read()->record.notes.next_holder, "prometheus-1");
}

TEST_F(ApiTest, PauseLastsUntilResume) {
  EXPECT_EQ(post("/_elector/pause").status, 200);
  EXPECT_TRUE(sidecar_.election().status().is_paused);
  EXPECT_EQ(post("/_elector/resume").status, 200);
  EXPECT_FALSE(sidecar_.election().status().is_paused);
}

TEST_F(ApiTest, WhoIsNotTrustedMayAskButNotOperate) {
  is_trusted_ = false;
  EXPECT_EQ(get("/_elector/status").status, 200);
  EXPECT_EQ(post("/_elector/step-down").status, 403);
  EXPECT_EQ(get("/_elector/is-leader").status, 200);
}

TEST_F(ApiTest, WebPagesOfOthersMayNotOperate) {
  http::Request request{.method = "POST", .target = "/_elector/step-down"};
  request.fields.add("Origin", "https://elsewhere.example");
  EXPECT_EQ(ask(std::move(request)).status, 403);
  EXPECT_EQ(get("/_elector/is-leader").status, 200);
}

TEST_F(ApiTest, BodyOfMoreThanAMebibyteIsRefused) {
  EXPECT_EQ(ask({.method = "POST", .target = "/_elector/pause", .body = std::string(1024 * 1024 + 1, 'x')}).status,
            413);
  EXPECT_FALSE(sidecar_.election().status().is_paused);
}

}  // namespace
}  // namespace promfleet::elector
