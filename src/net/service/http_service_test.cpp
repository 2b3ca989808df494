#include "net/service/http_service.h"

#include <csignal>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace promfleet::net {
namespace {

Task<> answer(http::Exchange& exchange) {
  static_cast<void>(co_await exchange.respond({.body = "hello"}));
}

class HttpServiceTest : public ::testing::TestWithParam<int> {};

TEST_P(HttpServiceTest, ServesUntilItIsAskedToEnd) {
  std::uint16_t port = 0;
  const Result<> served = HttpService().run("127.0.0.1:0", answer, [&](std::uint16_t serving_at) {
    port = serving_at;
    std::raise(GetParam());
  });
  EXPECT_TRUE(served);
  EXPECT_NE(port, 0);
}

INSTANTIATE_TEST_SUITE_P(Signals, HttpServiceTest, ::testing::Values(SIGINT, SIGTERM));

TEST(HttpService, PortThatIsTakenIsAFailure) {
  Result<> second;
  const Result<> first = HttpService().run("127.0.0.1:0", answer, [&](std::uint16_t port) {
    second = HttpService().run(fmt::format("127.0.0.1:{}", port), answer, [](std::uint16_t) {});
    std::raise(SIGTERM);
  });
  EXPECT_TRUE(first);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), Errc::conflict);
}

}  // namespace
}  // namespace promfleet::net
