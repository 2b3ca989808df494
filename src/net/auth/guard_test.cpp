#include "net/auth/guard.h"

#include <gmock/gmock.h>

#include <memory>
#include <string>

#include "codec/base64/base64.h"
#include "core/async/testing.h"
#include "core/os/simulated_clock.h"
#include "core/os/simulated_file_system.h"
#include "core/os/simulated_file_watcher.h"
#include "net/http/server.h"
#include "net/stream/memory_stream.h"

namespace promfleet::auth {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class NullSink final : public LogSink {
 public:
  void write(std::string_view) override {}
};

class GuardTest : public testing::Test {
 protected:
  ~GuardTest() override {
    run_until_done(io_, [this]() -> Task<> {
      if (server_) co_await server_->stop(0s);
      co_await following_.close();
    });
  }

  // A server behind a guard with this configuration; its handler streams "inside".
  void start(const std::string& web_config) {
    write(web_config);
    config_ = *FollowedConfig<WebConfig>::create({.executor = io_.get_executor(),
                                                  .files = files_,
                                                  .pool = pool_,
                                                  .clock = clock_,
                                                  .metrics = metrics_,
                                                  .log = log_},
                                                 "/web.yml",
                                                 [](Sources& sources) { return load_web_config(sources, "/web.yml"); });
    following_.spawn(config_->follow(watcher_));
    guard_ = std::make_unique<Guard>(io_.get_executor(), *config_, pool_, random_);
    server_ = std::make_unique<http::Server>(io_.get_executor(), clock_, log_,
                                             guard_->protect([](http::Exchange& exchange) -> Task<> {
                                               http::Response head;
                                               head.fields.add("X-Frame-Options", "sameorigin");
                                               static_cast<void>(co_await exchange.begin(std::move(head), "in"));
                                               static_cast<void>(co_await exchange.end("side"));
                                             }));
  }
  void write(const std::string& web_config) { ASSERT_TRUE(files_.replace("/web.yml", web_config, 0600)); }

  void look_again() {
    config_->look_again();
    clock_.advance(io_, 0s);
  }

  std::string get(const std::string& authorization = "") {
    auto [near, far] = net::memory_stream_pair(io_.get_executor(), clock_);
    server_->serve(std::move(far));
    std::string request = "GET / HTTP/1.1\r\nHost: x\r\n";
    if (!authorization.empty()) request += "Authorization: " + authorization + "\r\n";
    request += "\r\n";
    const std::array buffers{asio::const_buffer(request.data(), request.size())};
    EXPECT_EQ(near->try_write(buffers), request.size());
    clock_.advance(io_, 0s);
    std::string answer(16 * 1024, '\0');
    answer.resize(near->try_read(answer).value_or(0));
    return answer;
  }

  static std::string basic(const std::string& pair) { return "Basic " + base64::encode(pair); }

  // The password is "secret".
  static constexpr const char* kAlice =
      "basic_auth_users: {alice: $2b$04$pmdJT0TG6ru4MAnrTmY2pur1i.UnxmPw5FfbNsKoLwss1OXJGYKTm}\n";

  asio::io_context io_;
  SimulatedClock clock_;
  SimulatedFileSystem files_;
  NullSink sink_;
  Log log_{sink_, clock_, LogFormat::logfmt, LogLevel::error};
  Registry metrics_;
  CpuPool pool_{0};
  SeededRandom random_{1};
  SimulatedFileWatcher watcher_;
  std::unique_ptr<FollowedConfig<WebConfig>> config_;
  TaskScope following_{io_.get_executor()};
  std::unique_ptr<Guard> guard_;
  std::unique_ptr<http::Server> server_;
};

TEST_F(GuardTest, WithoutUsersEverybodyIsLetIn) {
  start("");
  EXPECT_THAT(get(), HasSubstr("200 OK"));
}

TEST_F(GuardTest, UserWithThePasswordIsLetInAndOthersAreNot) {
  start(kAlice);
  EXPECT_THAT(get(basic("alice:secret")), AllOf(HasSubstr("200 OK"), HasSubstr("side")));
  for (const std::string& refused :
       {std::string(), basic("alice:guess"), basic("bob:secret"), std::string("Bearer secret")}) {
    EXPECT_THAT(get(refused), AllOf(HasSubstr("401 Unauthorized"), HasSubstr("WWW-Authenticate: Basic realm="),
                                    Not(HasSubstr("inside"))));
  }
}

TEST_F(GuardTest, ConfiguredFieldsAreInEveryAnswerAndReplaceTheHandlers) {
  start(std::string(kAlice) + "http_server_config: {headers: {X-Frame-Options: deny}}\n");
  EXPECT_THAT(get(), AllOf(HasSubstr("401"), HasSubstr("X-Frame-Options: deny\r\n")));
  EXPECT_THAT(get(basic("alice:secret")),
              AllOf(HasSubstr("200"), HasSubstr("X-Frame-Options: deny\r\n"), Not(HasSubstr("sameorigin"))));
}

TEST_F(GuardTest, ChangedConfigurationHoldsForTheNextRequest) {
  start("");
  EXPECT_THAT(get(), HasSubstr("200 OK"));
  write(kAlice);
  look_again();
  EXPECT_THAT(get(), HasSubstr("401"));
  write("broken");
  look_again();
  EXPECT_THAT(get(), HasSubstr("401"));
}

}  // namespace
}  // namespace promfleet::auth
