#include "elector/gate/gate_address.h"

#include <gtest/gtest.h>

namespace promfleet::elector {
namespace {

TEST(GateAddress, PrometheusReachesItThroughLoopbackWhereItListensEverywhere) {
  EXPECT_EQ(GateAddress("127.0.0.1:9096").url_of("/a"), "http://127.0.0.1:9096/a");
  EXPECT_EQ(GateAddress(":9096").url_of("/a"), "http://127.0.0.1:9096/a");
  EXPECT_EQ(GateAddress("0.0.0.0:9096").url_of("/a"), "http://127.0.0.1:9096/a");
  EXPECT_EQ(GateAddress("[::]:9096").url_of("/a"), "http://127.0.0.1:9096/a");
  EXPECT_EQ(GateAddress("[::1]:9096").url_of("/a"), "http://[::1]:9096/a");
  EXPECT_EQ(GateAddress("elector:9096").url_of("/a"), "http://elector:9096/a");
}

TEST(GateAddress, GateWithTlsIsReachedOverTls) {
  const GateAddress address("127.0.0.1:9096", {.transport = net::Transport::tls});
  EXPECT_EQ(address.url_of("/a"), "https://127.0.0.1:9096/a");
  EXPECT_TRUE(address.is_at("https://127.0.0.1:9096/a", "/a"));
  EXPECT_TRUE(address.has_scheme_of("https://127.0.0.1:9096/a"));
  EXPECT_FALSE(address.has_scheme_of("http://127.0.0.1:9096/a"));
  EXPECT_FALSE(GateAddress("127.0.0.1:9096").has_scheme_of("https://127.0.0.1:9096/a"));
}

TEST(GateAddress, UrlLeadsToItByPortAndPath) {
  const GateAddress address("127.0.0.1:9096");
  EXPECT_TRUE(address.is_at("http://127.0.0.1:9096/a", "/a"));
  EXPECT_TRUE(address.is_at("https://localhost:9096/a?x=1", "/a"));
  EXPECT_TRUE(address.is_at("http://[::1]:9096/a", "/a"));
  EXPECT_FALSE(address.is_at("http://127.0.0.1:9096/b", "/a"));
  EXPECT_FALSE(address.is_at("http://127.0.0.1:9097/a", "/a"));
  EXPECT_FALSE(address.is_at("http://hub.example:9096/a", "/a"));
  EXPECT_FALSE(address.is_at("http://user:secret@127.0.0.1:9096/a", "/a"));
}

TEST(GateAddress, AnyNameMayBeThatOfAGateThatListensEverywhere) {
  EXPECT_TRUE(GateAddress(":9096").is_at("http://elector:9096/a", "/a"));
  EXPECT_FALSE(GateAddress(":9096").is_at("http://elector:9095/a", "/a"));
}

TEST(GateAddress, PortThatIsChosenAtTheStartMayBeAny) {
  EXPECT_TRUE(GateAddress("127.0.0.1:0").is_at("http://127.0.0.1:43210/a", "/a"));
  EXPECT_FALSE(GateAddress("127.0.0.1:0").is_at("http://hub.example:43210/a", "/a"));
}

}  // namespace
}  // namespace promfleet::elector
