#include "net/http/router.h"

#include <gtest/gtest.h>

#include "core/async/testing.h"

namespace promfleet::http {
namespace {

// An exchange that only remembers its answer.
class RecordedExchange final : public Exchange {
 public:
  RecordedExchange(std::string_view method, std::string_view target)
      : request_{.method = std::string(method), .target = std::string(target)} {}

  const Request& request() const override { return request_; }
  std::string peer_address() const override { return "memory"; }
  ConnectionNumber connection() const override { return {}; }
  bool is_tls() const override { return false; }
  bool has_body() const override { return false; }
  std::optional<std::uint64_t> body_bytes() const override { return std::nullopt; }
  Task<Result<std::string>> read_body(std::size_t) override { co_return std::string(); }
  Task<Result<std::string_view>> read_some() override { co_return std::string_view(); }
  Task<Result<>> respond(Response response) override {
    answer = std::move(response);
    co_return Result<>();
  }
  Task<Result<>> begin(Response, std::string_view) override { co_return Result<>(); }
  Task<Result<>> write(std::string_view) override { co_return Result<>(); }
  Task<Result<>> end(std::string_view) override { co_return Result<>(); }
  void when_gone(std::function<void()>) override {}

  Response answer;

 private:
  Request request_;
};

Handler answering(std::string text) {
  return [text = std::move(text)](Exchange& exchange) -> Task<> {
    [[maybe_unused]] const auto sent = co_await exchange.respond(text_response(200, text));
  };
}

class RouterTest : public ::testing::Test {
 protected:
  RouterTest() {
    router.add("GET", "/ours/leader", answering("leader"));
    router.add("POST", "/ours/leader", answering("elect"));
    router.add("POST", "/ours/pause", answering("pause"));
    router.add_prefix("/", answering("proxy"));
    router.add_prefix("/ours/", answering("ours"));
  }

  Response ask(std::string_view method, std::string_view target) {
    asio::io_context io;
    RecordedExchange exchange(method, target);
    run_until_done(io, [&] { return router.route(exchange); });
    return exchange.answer;
  }

  Router router;
};

TEST_F(RouterTest, PrefersExactPathsThenTheLongestPrefix) {
  EXPECT_EQ(ask("GET", "/ours/leader?x=1").body, "leader\n");
  EXPECT_EQ(ask("POST", "/ours/leader").body, "elect\n");
  EXPECT_EQ(ask("GET", "/ours/leader/").body, "ours\n");
  EXPECT_EQ(ask("DELETE", "/ours").body, "proxy\n");
}

TEST_F(RouterTest, AnswersHeadLikeGet) {
  EXPECT_EQ(ask("HEAD", "/ours/leader").body, "leader\n");
}

TEST_F(RouterTest, NamesTheMethodsThatAPathKnows) {
  const Response refused = ask("DELETE", "/ours/leader");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.fields.find("allow"), "GET, POST, HEAD");
  EXPECT_EQ(ask("GET", "/ours/pause").fields.find("allow"), "POST");
}

TEST(Router, KnowsNothingByItself) {
  const Router router;
  asio::io_context io;
  RecordedExchange exchange("GET", "/");
  run_until_done(io, [&] { return router.route(exchange); });
  EXPECT_EQ(exchange.answer.status, 404);
}

}  // namespace
}  // namespace promfleet::http
