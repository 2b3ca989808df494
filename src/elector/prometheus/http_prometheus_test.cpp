#include "elector/prometheus/http_prometheus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/http/played_server_testing.h"

namespace promfleet::elector {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;
using Kind = ReloadAnswer::Kind;

http::Url url(const char* text) {
  return http::parse_url(text).value();
}

class HttpPrometheusTest : public testing::Test {
 protected:
  ~HttpPrometheusTest() override { server_.close(); }

  void use(PrometheusUrls urls) {
    const auto authorize = [this](http::Request& request) -> Result<> {
      if (no_credentials_) return std::unexpected(*no_credentials_);
      request.fields.add("Authorization", "Bearer secret");
      return {};
    };
    prometheus_.emplace(HttpPrometheus::Parts{.dialer = server_, .clock = server_.clock, .authorize = authorize},
                        std::move(urls), HttpPrometheus::Timeouts{.ready = 2s, .healthy = 3s});
  }

  // Each begins a call whose result is found in the member of the same name.
  void reload() {
    server_.start([this]() -> Task<> { reloaded_ = co_await prometheus_->reload(); });
  }
  void readiness() {
    server_.start([this]() -> Task<> { readiness_ = co_await prometheus_->readiness(); });
  }
  void health() {
    server_.start([this]() -> Task<> { health_ = co_await prometheus_->health(); });
  }
  void flags() {
    server_.start([this]() -> Task<> { flags_ = co_await prometheus_->flags(); });
  }
  void config() {
    server_.start([this]() -> Task<> { text_ = co_await prometheus_->config_yaml(); });
  }
  void start_time() {
    server_.start([this]() -> Task<> { text_ = co_await prometheus_->started_at(); });
  }
  void queues() {
    server_.start([this]() -> Task<> { queues_ = co_await prometheus_->remote_write_queues(); });
  }

  // What a reload that is answered like this comes to.
  ReloadAnswer reload_answered(int status, std::string_view body = "") {
    reload();
    server_.answer(0, status, body);
    return reloaded_.value();
  }

  http::PlayedServer server_;
  std::optional<Error> no_credentials_;
  std::optional<HttpPrometheus> prometheus_;
  std::optional<ReloadAnswer> reloaded_;
  std::optional<Readiness> readiness_;
  std::optional<Result<>> health_;
  std::optional<Result<PrometheusFlags>> flags_;
  std::optional<Result<std::vector<RunningQueue>>> queues_;
  std::optional<Result<std::string>> text_;
};

class HttpPrometheusReload : public HttpPrometheusTest {
 protected:
  HttpPrometheusReload() { use({.reload = url("http://prom:9090/-/reload")}); }
};

TEST_F(HttpPrometheusReload, IsPostedWithCredentials) {
  reload();
  EXPECT_THAT(server_.heard(0),
              AllOf(StartsWith("POST /-/reload HTTP/1.1\r\n"), HasSubstr("\r\nHost: prom:9090\r\n"),
                    HasSubstr("\r\nAuthorization: Bearer secret\r\n"), HasSubstr("\r\nContent-Length: 0\r\n")));
}

TEST_F(HttpPrometheusReload, HasTheMethodThatIsAskedFor) {
  use({.reload = url("http://prom:9090/-/reload"), .reload_method = "PUT"});
  reload();
  EXPECT_THAT(server_.heard(0), StartsWith("PUT /-/reload HTTP/1.1\r\n"));
}

TEST_F(HttpPrometheusReload, AnswerOfSuccessMeansApplied) {
  EXPECT_EQ(reload_answered(200).kind, Kind::applied);
  EXPECT_EQ(reload_answered(204).kind, Kind::applied);
  EXPECT_EQ(reloaded_->detail, "");
}

TEST_F(HttpPrometheusReload, ServerErrorMeansRejectedInPrometheusOwnWords) {
  const ReloadAnswer answer = reload_answered(500, "failed to reload config: line 3: field x not found\n\n");
  EXPECT_EQ(answer.kind, Kind::rejected);
  EXPECT_EQ(answer.detail, "500 Internal Server Error: failed to reload config: line 3: field x not found");
}

TEST_F(HttpPrometheusReload, CredentialsThatAreRepeatedAreHidden) {
  EXPECT_EQ(reload_answered(502, "no way for Bearer secret").detail, "502 Bad Gateway: no way for Bearer <secret>");
}

TEST_F(HttpPrometheusReload, AnyOtherStatusMeansThatPrometheusDoesNotReload) {
  EXPECT_EQ(reload_answered(403, "Lifecycle API is not enabled.").kind, Kind::refused);
  EXPECT_EQ(reloaded_->detail, "403 Forbidden: Lifecycle API is not enabled.");
  EXPECT_EQ(reload_answered(404).kind, Kind::refused);
  EXPECT_EQ(reloaded_->detail, "404 Not Found");
  EXPECT_EQ(reload_answered(302).kind, Kind::refused);
}

TEST_F(HttpPrometheusReload, RefusedConnectionMeansThatNoPrometheusRuns) {
  server_.refuse("prom", Errc::refused);
  reload();
  EXPECT_EQ(reloaded_->kind, Kind::not_listening);
  EXPECT_THAT(reloaded_->detail, HasSubstr("prom"));
}

TEST_F(HttpPrometheusReload, HostThatCannotBeReachedMayReload) {
  server_.refuse("prom", Errc::unreachable);
  reload();
  EXPECT_EQ(reloaded_->kind, Kind::unanswered);
}

TEST_F(HttpPrometheusReload, BrokenConnectionMayReload) {
  reload();
  server_.cut(0);
  EXPECT_EQ(reloaded_->kind, Kind::unanswered);
  EXPECT_THAT(reloaded_->detail, HasSubstr("http://prom:9090"));
}

TEST_F(HttpPrometheusReload, IsSentOnceEvenIfAKeptConnectionBreaks) {
  reload_answered(200);
  reload();
  server_.cut(0);
  EXPECT_EQ(reloaded_->kind, Kind::unanswered);
  EXPECT_EQ(server_.connections(), 1u);
}

TEST_F(HttpPrometheusReload, IsAwaitedAsLongAsPrometheusFlushesItsQueues) {
  reload();
  server_.pass(14min);
  EXPECT_FALSE(reloaded_);
  server_.pass(1min);
  EXPECT_EQ(reloaded_->kind, Kind::unanswered);
}

TEST_F(HttpPrometheusReload, DetailIsBounded) {
  const ReloadAnswer answer = reload_answered(500, std::string(50'000, 'x'));
  EXPECT_THAT(answer.detail, StartsWith("500 Internal Server Error: xxx"));
  EXPECT_LE(answer.detail.size(), 1100u);
}

TEST_F(HttpPrometheusReload, DetailEndsWithAWholeCharacter) {
  EXPECT_THAT(reload_answered(500, std::string(999, 'x') + "éé").detail, EndsWith("xxx"));
  EXPECT_THAT(reload_answered(500, std::string(998, 'x') + "éé").detail, EndsWith("xé"));
}

TEST_F(HttpPrometheusReload, IsNotSentWithoutTheCredentialsThatItNeeds) {
  no_credentials_ = Error(Errc::not_found, "open token: No such file or directory");
  reload();
  EXPECT_EQ(reloaded_->kind, Kind::refused);
  EXPECT_EQ(reloaded_->detail, "open token: No such file or directory");
  EXPECT_EQ(server_.connections(), 0u);
}

class HttpPrometheusReadiness : public HttpPrometheusTest {
 protected:
  HttpPrometheusReadiness() {
    use({.reload = url("http://prom:9090/-/reload"), .ready = url("http://prom:9091/ready")});
  }

  Readiness readiness_answered(int status) {
    readiness();
    server_.answer(0, status, "");
    return readiness_.value();
  }
};

TEST_F(HttpPrometheusReadiness, IsAskedForWithCredentials) {
  readiness();
  EXPECT_THAT(server_.heard(0), AllOf(StartsWith("GET /ready HTTP/1.1\r\n"), HasSubstr("\r\nHost: prom:9091\r\n"),
                                      HasSubstr("\r\nAuthorization: Bearer secret\r\n")));
}

TEST_F(HttpPrometheusReadiness, OnlySuccessIsReady) {
  EXPECT_EQ(readiness_answered(200), Readiness::ready);
  EXPECT_EQ(readiness_answered(503), Readiness::not_ready);
  EXPECT_EQ(readiness_answered(404), Readiness::not_ready);
}

TEST_F(HttpPrometheusReadiness, RefusedConnectionMeansThatNoPrometheusRuns) {
  server_.refuse("prom", Errc::refused);
  readiness();
  EXPECT_EQ(readiness_, Readiness::not_listening);
}

TEST_F(HttpPrometheusReadiness, PrometheusThatHangsIsNotReadyAtTheTimeout) {
  readiness();
  server_.pass(1999ms);
  EXPECT_FALSE(readiness_);
  server_.pass(1ms);
  EXPECT_EQ(readiness_, Readiness::not_ready);
}

TEST_F(HttpPrometheusReadiness, IsFoundBesideTheReloadUrlIfItIsNotNamed) {
  use({.reload = url("http://prom:9090/prefix/-/reload")});
  readiness();
  EXPECT_THAT(server_.heard(0), StartsWith("GET /prefix/-/ready HTTP/1.1\r\n"));
}

TEST_F(HttpPrometheusReadiness, IsTakenForGrantedWhereNobodyCanBeAsked) {
  use({.reload = url("http://prom:9090/reload-it")});
  readiness();
  EXPECT_EQ(readiness_, Readiness::ready);
  EXPECT_EQ(server_.connections(), 0u);
}

class HttpPrometheusHealth : public HttpPrometheusTest {
 protected:
  HttpPrometheusHealth() {
    use({.reload = url("http://prom:9090/-/reload"), .healthy = url("http://prom:9090/-/healthy")});
  }
};

TEST_F(HttpPrometheusHealth, IsAskedForWithCredentials) {
  health();
  EXPECT_THAT(server_.heard(0),
              AllOf(StartsWith("GET /-/healthy HTTP/1.1\r\n"), HasSubstr("\r\nAuthorization: Bearer secret\r\n")));
  server_.answer(0, 200, "Prometheus Server is Healthy.\n");
  EXPECT_TRUE(health_->has_value());
}

TEST_F(HttpPrometheusHealth, OtherAnswersAreErrorsThatSayWhatCame) {
  health();
  server_.answer(0, 503, "starting");
  EXPECT_EQ(health_->error(), Error(Errc::unavailable, "503 Service Unavailable: starting"));
}

TEST_F(HttpPrometheusHealth, HangIsAnErrorAtTheTimeout) {
  health();
  server_.pass(2999ms);
  EXPECT_FALSE(health_);
  server_.pass(1ms);
  EXPECT_EQ(health_->error().code(), Errc::timed_out);
}

TEST_F(HttpPrometheusHealth, RefusedConnectionIsAnErrorThatNamesTheServer) {
  server_.refuse("prom", Errc::refused);
  health();
  EXPECT_EQ(health_->error().code(), Errc::refused);
  EXPECT_THAT(health_->error().message(), HasSubstr("prom"));
}

TEST_F(HttpPrometheusHealth, IsTakenForGrantedWithoutAUrl) {
  use({.reload = url("http://prom:9090/-/reload")});
  health();
  EXPECT_TRUE(health_->has_value());
  EXPECT_EQ(server_.connections(), 0u);
}

class HttpPrometheusApi : public HttpPrometheusTest {
 protected:
  HttpPrometheusApi() { use({.reload = url("http://prom:9090/prefix/-/reload")}); }
};

TEST_F(HttpPrometheusApi, FlagsAreAskedForBesideTheReloadUrl) {
  flags();
  EXPECT_THAT(server_.heard(0), AllOf(StartsWith("GET /prefix/api/v1/status/flags HTTP/1.1\r\n"),
                                      HasSubstr("\r\nAuthorization: Bearer secret\r\n")));
  server_.answer(0, 200, R"({"status":"success","data":{"config.file":"/etc/prometheus.yml"}})");
  EXPECT_EQ(flags_->value().config_file, "/etc/prometheus.yml");
}

TEST_F(HttpPrometheusApi, ConfigurationIsAskedForAsYaml) {
  config();
  EXPECT_THAT(server_.heard(0), StartsWith("GET /prefix/api/v1/status/config HTTP/1.1\r\n"));
  server_.answer(0, 200, R"({"status":"success","data":{"yaml":"global:\n  scrape_interval: 15s\n"}})");
  EXPECT_EQ(text_.value().value(), "global:\n  scrape_interval: 15s\n");
}

TEST_F(HttpPrometheusApi, StartTimeIsInPrometheusOwnWords) {
  start_time();
  EXPECT_THAT(server_.heard(0), StartsWith("GET /prefix/api/v1/status/runtimeinfo HTTP/1.1\r\n"));
  server_.answer(0, 200, R"({"status":"success","data":{"startTime":"2026-01-01T00:00:00.5Z"}})");
  EXPECT_EQ(text_.value().value(), "2026-01-01T00:00:00.5Z");
}

TEST_F(HttpPrometheusApi, QueuesAreReadFromPrometheusOwnMetrics) {
  queues();
  EXPECT_THAT(server_.heard(0),
              AllOf(StartsWith("GET /prefix/metrics HTTP/1.1\r\n"), HasSubstr("\r\nAuthorization: Bearer secret\r\n")));
  server_.answer(0, 200, "up 1\nprometheus_remote_storage_shards{remote_name=\"a\",url=\"http://x\"} 1\n");
  EXPECT_THAT(queues_->value(), ElementsAre(RunningQueue{.name = "a", .url = "http://x"}));
}

TEST_F(HttpPrometheusApi, OtherAnswersAreErrorsThatSayWhatCame) {
  flags();
  server_.answer(0, 404, "404 page not found");
  EXPECT_EQ(flags_->error(), Error(Errc::unavailable, "404 Not Found: 404 page not found"));
  queues();
  server_.answer(0, 401, "");
  EXPECT_EQ(queues_->error(), Error(Errc::unavailable, "401 Unauthorized"));
  config();
  server_.answer(0, 503, "");
  EXPECT_EQ(text_->error(), Error(Errc::unavailable, "503 Service Unavailable"));
  config();
  server_.answer(0, 200, R"({"data":{}})");
  EXPECT_EQ(text_->error().code(), Errc::invalid_input);
}

TEST_F(HttpPrometheusApi, HangIsAnErrorAfterFiveSeconds) {
  flags();
  queues();
  server_.pass(4999ms);
  EXPECT_FALSE(flags_);
  EXPECT_FALSE(queues_);
  server_.pass(1ms);
  EXPECT_EQ(flags_->error().code(), Errc::timed_out);
  EXPECT_EQ(queues_->error().code(), Errc::timed_out);
}

TEST_F(HttpPrometheusApi, IsNotKnownWhereTheReloadUrlIsNotPrometheusOwn) {
  use({.reload = url("http://prom:9090/reload-it")});
  flags();
  queues();
  config();
  EXPECT_EQ(flags_->error().code(), Errc::unsupported);
  EXPECT_EQ(queues_->error().code(), Errc::unsupported);
  EXPECT_EQ(text_->error().code(), Errc::unsupported);
  EXPECT_EQ(server_.connections(), 0u);
}

}  // namespace
}  // namespace promfleet::elector
