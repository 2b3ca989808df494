// Server and client against each other over real sockets.
#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/async/testing.h"
#include "core/os/simulated_clock.h"
#include "net/http/call.h"
#include "net/http/client.h"
#include "net/http/server.h"
#include "net/stream/dialer.h"
#include "net/tls/testing.h"

namespace promfleet::http {
namespace {

using ::testing::HasSubstr;

class NoLog final : public LogSink {
  void write(std::string_view) override {}
};

class NoLookup final : public net::HostLookup {
  Task<Result<net::Addresses>> look_up(std::string host) override { co_return fail(Errc::not_found, "{}", host); }
};

Task<> echo(Exchange& exchange) {
  const Result<std::string> body = co_await exchange.read_body(4 * 1024 * 1024);
  Response response{.status = body ? 200 : 400};
  response.fields.add("X-Peer", exchange.peer_address());
  response.fields.add("X-Tls", exchange.is_tls() ? "yes" : "no");
  response.body = body.value_or("");
  static_cast<void>(co_await exchange.respond(std::move(response)));
}

class ServerNetworkTest : public ::testing::Test {
 protected:
  // Runs `body` with a server on a port that the kernel chooses.
  void run(const std::function<Task<>()>& body, ServerLimits limits = {}, Handler handler = echo) {
    server = std::make_unique<Server>(io.get_executor(), clock, log, std::move(handler), limits);
    run_until_done(io, [&]() -> Task<> {
      auto listeners = (co_await net::listen("127.0.0.1:0", resolver, clock, log)).value();
      port = listeners[0]->port();
      server->serve(std::move(listeners));
      co_await body();
      co_await server->stop(0s);
      co_await resolver.close();
    });
  }

  Origin plain() const { return {.host = "localhost", .port = port}; }
  Origin secure() const { return {.is_tls = true, .host = "localhost", .port = port}; }

  asio::io_context io;
  SimulatedClock clock;  // stands still: nothing times out
  NoLog sink;
  Log log{sink, clock, LogFormat::logfmt, LogLevel::error};
  NoLookup lookup;
  net::Resolver resolver{io.get_executor(), clock, lookup};
  std::unique_ptr<Server> server;
  std::uint16_t port = 0;
};

TEST_F(ServerNetworkTest, CarriesLargeBodiesBothWays) {
  run([&]() -> Task<> {
    net::NetworkDialer dialer(clock, resolver);
    Client client(dialer, clock, plain());
    const std::string large(3 * 1024 * 1024, 'x');
    for (int i = 0; i < 2; ++i) {
      const Result<Response> answer = co_await client.send({.method = "POST", .body = large}, clock.now() + 10s);
      EXPECT_TRUE(answer);
      if (!answer) co_return;
      EXPECT_TRUE(answer->body == large);
      EXPECT_EQ(answer->fields.find("x-peer"), "127.0.0.1");
      EXPECT_EQ(answer->fields.find("x-tls"), "no");
    }
    EXPECT_EQ(server->connections(), 1u);
  });
}

TEST_F(ServerNetworkTest, SpeaksTlsAndTakesRenewedCertificates) {
  const net::TestAuthority authority("test authority");
  const net::TestAuthority stranger("a stranger");
  const auto context_of = [](const net::TestAuthority& issuer) {
    return net::TlsContext::server({.identity = issuer.issue({})}).value();
  };
  run([&]() -> Task<> {
    net::ClientTlsOptions options{.ca = authority.certificate()};
    net::NetworkDialer dialer(clock, resolver, net::TlsContext::client(options, {}).value());
    Client client(dialer, clock, secure());
    const std::string large(3 * 1024 * 1024, 'x');

    server->use_tls(context_of(authority));
    const Result<Response> answer = co_await client.send({.method = "POST", .body = large}, clock.now() + 10s);
    EXPECT_TRUE(answer);
    if (!answer) co_return;
    EXPECT_TRUE(answer->body == large);
    EXPECT_EQ(answer->fields.find("x-tls"), "yes");

    server->use_tls(context_of(stranger));
    Client other(dialer, clock, secure());
    const Result<Response> refused = co_await other.send({}, clock.now() + 10s);
    EXPECT_FALSE(refused);
    if (refused) co_return;
    EXPECT_EQ(refused.error().code(), Errc::unauthorized);
    EXPECT_THAT(refused.error().message(), HasSubstr("a stranger"));
    EXPECT_TRUE(co_await client.send({}, clock.now() + 10s)) << "a connection keeps the certificate that it began with";
  });
}

TEST_F(ServerNetworkTest, ConnectionThatIsIdleTheLongestMakesWayAtTheLimit) {
  const auto is_answered = [](net::Stream& stream) -> Task<bool> {
    const std::string_view request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    std::array buffers{asio::const_buffer(request.data(), request.size())};
    std::array<char, 1000> answer;
    co_return (co_await stream.write(buffers)).has_value() && (co_await stream.read_some(answer)).has_value();
  };
  run(
      [&]() -> Task<> {
        net::NetworkDialer dialer(clock, resolver);
        const net::Endpoint endpoint{.host = "localhost", .port = port};
        std::vector<std::unique_ptr<net::Stream>> streams;
        for (int i = 0; i < 3; ++i) {
          streams.push_back((co_await dialer.dial(endpoint, clock.now() + 10s)).value());
          EXPECT_TRUE(co_await is_answered(*streams.back()));
        }
        EXPECT_FALSE(co_await is_answered(*streams[0]));
        EXPECT_TRUE(co_await is_answered(*streams[1]));
        EXPECT_TRUE(co_await is_answered(*streams[2]));
        EXPECT_EQ(server->connections(), 2u);
      },
      {.connections_max = 2});
}

TEST_F(ServerNetworkTest, WhoDoesNotShakeHandsMakesWayAtTheLimit) {
  const net::TestAuthority authority("test authority");
  run(
      [&]() -> Task<> {
        server->use_tls(net::TlsContext::server({.identity = authority.issue({})}).value());
        net::NetworkDialer silent(clock, resolver);
        std::vector<std::unique_ptr<net::Stream>> streams;
        for (int i = 0; i < 2; ++i) {
          streams.push_back((co_await silent.dial({.host = "localhost", .port = port}, clock.now() + 10s)).value());
        }
        net::NetworkDialer dialer(clock, resolver,
                                  net::TlsContext::client({.ca = authority.certificate()}, {}).value());
        Client client(dialer, clock, secure());
        EXPECT_TRUE(co_await client.send({}, clock.now() + 10s));
        std::array<char, 1> nothing;
        EXPECT_FALSE(co_await streams[0]->read_some(nothing));
      },
      {.connections_max = 2});
}

TEST_F(ServerNetworkTest, WhoLeavesARequestUnfinishedMakesWayAtTheLimitBeforeWhoWasHeardLater) {
  run(
      [&]() -> Task<> {
        net::NetworkDialer dialer(clock, resolver);
        Client slow(dialer, clock, plain());
        Call unfinished(slow);
        EXPECT_TRUE(co_await unfinished.begin({.method = "POST"}, clock.now() + 10s));
        EXPECT_TRUE(co_await unfinished.write("not all of it"));
        Client kept(dialer, clock, plain());
        Client another(dialer, clock, plain());
        for (Client* client : {&kept, &another, &kept}) EXPECT_TRUE(co_await client->send({}, clock.now() + 10s));
        EXPECT_EQ(server->connections(), 2u);
        const bool is_answered =
            (co_await unfinished.end()).has_value() && (co_await unfinished.read_head()).has_value();
        EXPECT_FALSE(is_answered);
      },
      {.connections_max = 2});
}

TEST_F(ServerNetworkTest, LeavesConnectionsBeyondItsLimitToTheKernelIfAllAreBeingAnswered) {
  Signal finish(io.get_executor());
  const auto send_once = [this](int& answered) -> Task<> {
    net::NetworkDialer dialer(clock, resolver);
    Client client(dialer, clock, plain());
    EXPECT_TRUE(co_await client.send({}, clock.now() + 10s));
    ++answered;
  };
  run(
      [&]() -> Task<> {
        int answered = 0;
        TaskScope scope(io.get_executor());
        scope.spawn(send_once(answered));
        scope.spawn(send_once(answered));
        for (int i = 0; i < 10'000 && server->connections() == 0; ++i) co_await asio::post(io, kAwait);
        for (int i = 0; i < 20; ++i) co_await asio::post(io, kAwait);
        EXPECT_EQ(server->connections(), 1u) << "the other one waits in the kernel's queue";
        for (int i = 0; i < 10'000 && answered < 2; ++i) {
          finish.notify();
          co_await asio::post(io, kAwait);
        }
        EXPECT_EQ(answered, 2);
        co_await scope.close();
      },
      {.connections_max = 1},
      [&](Exchange& exchange) -> Task<> {
        if (co_await finish.wait()) co_await echo(exchange);
      });
}

}  // namespace
}  // namespace promfleet::http
