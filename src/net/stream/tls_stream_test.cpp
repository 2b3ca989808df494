#include "net/stream/tls_stream.h"

#include <array>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/async/task_scope.h"
#include "core/base/try.h"
#include "core/os/simulated_clock.h"
#include "net/stream/memory_stream.h"
#include "net/tls/testing.h"

namespace promfleet::net {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

using Outcome = std::optional<Result<std::unique_ptr<Stream>>>;

Task<Result<std::unique_ptr<Stream>>> accept(std::unique_ptr<Stream> stream, TlsContext context) {
  CO_TRY(co_await tls_accept(stream, std::move(context)));
  co_return stream;
}

// Both ends of a TLS connection, in memory.
class TlsStreamTest : public ::testing::Test {
 protected:
  ~TlsStreamTest() override {
    tasks.cancel();
    pass();
  }

  void pass(Duration time = 0s) { clock.advance(io, time); }

  // Shakes hands; what came of it is in client and server.
  void connect(std::string host = "localhost") {
    auto [near, far] = memory_stream_pair(io.get_executor(), clock, 4096);
    near->expires_at(clock.now() + 10s);
    client_below = near.get();
    tasks.spawn([](Outcome& outcome, std::unique_ptr<Stream> below, TlsContext context, std::string name) -> Task<> {
      outcome = co_await tls_connect(std::move(below), std::move(context), std::move(name));
    }(client, std::move(near), TlsContext::client(client_options, {}).value(), std::move(host)));
    tasks.spawn([](Outcome& outcome, std::unique_ptr<Stream> below, TlsContext context) -> Task<> {
      outcome = co_await accept(std::move(below), std::move(context));
    }(server, std::move(far), TlsContext::server(server_options).value()));
    pass();
  }

  void write(Stream& stream, std::string text) {
    tasks.spawn([](Stream& to, std::string bytes) -> Task<> {
      std::array buffers{asio::const_buffer(bytes.data(), bytes.size() / 2),
                         asio::const_buffer(bytes.data() + bytes.size() / 2, bytes.size() - bytes.size() / 2)};
      EXPECT_TRUE(co_await to.write(buffers));
    }(stream, std::move(text)));
    pass();
  }

  std::string read(Stream& stream) {
    std::string text;
    std::array<char, 1000> buffer;
    while (true) {
      pass();
      const Result<std::size_t> bytes = stream.try_read(buffer);
      if (!bytes) return text + "<" + std::string(to_string(bytes.error().code())) + ">";
      if (*bytes == 0) return text;
      text.append(buffer.data(), *bytes);
    }
  }

  Stream& client_end() { return ***client; }
  Stream& server_end() { return ***server; }
  Error client_error() { return client->error(); }
  Error server_error() { return server->error(); }

  asio::io_context io;
  SimulatedClock clock;
  TestAuthority authority{"test authority"};
  ClientTlsOptions client_options{.ca = authority.certificate()};
  ServerTlsOptions server_options{.identity = authority.issue({})};
  Outcome client;
  Outcome server;
  Stream* client_below = nullptr;
  TaskScope tasks{io.get_executor()};
};

TEST_F(TlsStreamTest, CarriesBytesBothWays) {
  connect();
  ASSERT_TRUE(*client) << client_error().message();
  ASSERT_TRUE(*server) << server_error().message();
  write(client_end(), "hello");
  EXPECT_EQ(read(server_end()), "hello");
}

TEST_F(TlsStreamTest, CarriesMoreThanTheStreamBelowTakesAtOnce) {
  connect();
  const std::string large(300 * 1000, 'x');
  std::string received;
  tasks.spawn([](Stream& stream, std::size_t bytes_max, std::string& into) -> Task<> {
    std::array<char, 1000> buffer;
    while (into.size() < bytes_max) {
      const Result<std::size_t> bytes = co_await stream.read_some(buffer);
      EXPECT_TRUE(bytes);
      if (!bytes) co_return;
      into.append(buffer.data(), *bytes);
    }
  }(client_end(), large.size(), received));
  write(server_end(), large);
  EXPECT_TRUE(received == large);
}

TEST_F(TlsStreamTest, TellsAnOrderlyEndFromACut) {
  connect();
  tasks.spawn([](Stream& stream) -> Task<> { EXPECT_TRUE(co_await stream.shutdown()); }(client_end()));
  EXPECT_EQ(read(server_end()), "<closed>");
  connect();
  client_below->close();
  EXPECT_EQ(read(server_end()), "<unreachable>");
}

TEST_F(TlsStreamTest, WatchTellsWhatThePeerDid) {
  connect();
  std::optional<PeerEvent> event;
  const auto note = [&event](PeerEvent seen) { event = seen; };
  server_end().watch(note);
  pass();
  EXPECT_EQ(event, std::nullopt);
  write(client_end(), "hello");
  EXPECT_EQ(event, PeerEvent::sent_data);
  EXPECT_EQ(read(server_end()), "hello");
  event.reset();
  server_end().watch(note);
  tasks.spawn([](Stream& stream) -> Task<> { EXPECT_TRUE(co_await stream.shutdown()); }(client_end()));
  pass();
  EXPECT_EQ(event, PeerEvent::left);
}

TEST_F(TlsStreamTest, VerifiesNamesAndAddresses) {
  for (const std::string host : {"localhost", "127.0.0.1", "::1"}) {
    connect(host);
    EXPECT_TRUE(*client) << host << ": " << client_error().message();
  }
  connect("other.example");
  EXPECT_EQ(client_error().code(), Errc::unauthorized);
  EXPECT_THAT(client_error().message(),
              AllOf(HasSubstr("is for localhost, 127.0.0.1, ::1"), HasSubstr("not for other.example")));
  connect("127.0.0.2");
  EXPECT_THAT(client_error().message(), HasSubstr("not for 127.0.0.2"));
}

TEST_F(TlsStreamTest, TheServerNameOfTheOptionsReplacesTheHost) {
  client_options.server_name = "localhost";
  connect("other.example");
  EXPECT_TRUE(*client);
}

TEST_F(TlsStreamTest, SaysWhenACertificateExpired) {
  server_options.identity = authority.issue({.begins_in = std::chrono::hours(-48), .ends_in = std::chrono::hours(-24)});
  connect();
  EXPECT_EQ(client_error().code(), Errc::unauthorized);
  EXPECT_THAT(client_error().message(), AllOf(HasSubstr("CN=test"), HasSubstr("expired on 20")));
}

TEST_F(TlsStreamTest, SaysThatACertificateIsNotValidYet) {
  server_options.identity = authority.issue({.begins_in = std::chrono::hours(24), .ends_in = std::chrono::hours(48)});
  connect();
  EXPECT_THAT(client_error().message(), HasSubstr("is valid only from 20"));
}

TEST_F(TlsStreamTest, NamesAnAuthorityThatIsNotTrusted) {
  server_options.identity = TestAuthority("a stranger").issue({});
  connect();
  EXPECT_EQ(client_error().code(), Errc::unauthorized);
  EXPECT_THAT(client_error().message(), AllOf(HasSubstr("CN=a stranger"), HasSubstr("not trusted here")));
  EXPECT_EQ(server_error().code(), Errc::unauthorized);
}

TEST_F(TlsStreamTest, SkipsVerificationOnlyWhereAskedTo) {
  server_options.identity = TestAuthority("a stranger").issue({});
  client_options.verification = PeerVerification::skipped;
  connect("other.example");
  EXPECT_TRUE(*client);
}

TEST_F(TlsStreamTest, WantsTheClientCertificateThatItWasToldToWant) {
  struct Case {
    ClientCertificate wanted;
    bool accepts_none;
    bool accepts_strangers;
  };
  for (const Case& expected :
       {Case{ClientCertificate::none, true, true}, Case{ClientCertificate::request, true, true},
        Case{ClientCertificate::require_any, false, true}, Case{ClientCertificate::verify_if_given, true, false},
        Case{ClientCertificate::require_and_verify, false, false}}) {
    server_options.client_certificate = expected.wanted;
    server_options.client_ca = authority.certificate();
    client_options.identity.reset();
    connect();
    EXPECT_EQ(server->has_value(), expected.accepts_none) << static_cast<int>(expected.wanted);
    client_options.identity = TestAuthority("a stranger").issue({});
    connect();
    EXPECT_EQ(server->has_value(), expected.accepts_strangers) << static_cast<int>(expected.wanted);
    client_options.identity = authority.issue({});
    connect();
    EXPECT_TRUE(server->has_value());
  }
}

TEST_F(TlsStreamTest, TellsTheClientThatItsCertificateIsMissing) {
  server_options.client_certificate = ClientCertificate::require_and_verify;
  server_options.client_ca = authority.certificate();
  connect();
  EXPECT_THAT(server_error().message(), HasSubstr("the client has no certificate"));
  ASSERT_TRUE(*client);  // in TLS 1.3 the client learns it with its first read
  std::array<char, 10> buffer;
  const Result<std::size_t> read = client_end().try_read(buffer);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code(), Errc::unauthorized);
}

TEST_F(TlsStreamTest, AllowsOnlyTheClientNamesThatAreListed) {
  server_options.client_certificate = ClientCertificate::require_and_verify;
  server_options.client_ca = authority.certificate();
  server_options.client_allowed_sans = {"scraper.example", "192.0.2.7"};
  client_options.identity = authority.issue({.names = {"DNS:other.example", "IP:192.0.2.7"}});
  connect();
  EXPECT_TRUE(*server);
  client_options.identity = authority.issue({.names = {"DNS:other.example"}});
  connect();
  EXPECT_EQ(server_error().code(), Errc::unauthorized);
  EXPECT_THAT(server_error().message(), HasSubstr("other.example"));
}

TEST_F(TlsStreamTest, RefusesVersionsBelowTheLowest) {
  client_options.version_max = TlsVersion::tls1_2;
  server_options.version_min = TlsVersion::tls1_3;
  connect();
  EXPECT_FALSE(*client);
  EXPECT_FALSE(*server);
}

TEST_F(TlsStreamTest, GivesUpOnASilentPeerAtTheDeadline) {
  auto [near, far] = memory_stream_pair(io.get_executor(), clock);
  near->expires_at(clock.now() + 10s);
  tasks.spawn([](Outcome& outcome, std::unique_ptr<Stream> below, TlsContext context) -> Task<> {
    outcome = co_await accept(std::move(below), std::move(context));
  }(server, std::move(near), TlsContext::server(server_options).value()));
  pass(9s);
  EXPECT_FALSE(server);
  pass(1s);
  EXPECT_EQ(server_error().code(), Errc::timed_out);
}

TEST_F(TlsStreamTest, SaysThatThePeerDoesNotSpeakTls) {
  auto [near, far] = memory_stream_pair(io.get_executor(), clock);
  tasks.spawn([](Outcome& outcome, std::unique_ptr<Stream> below, TlsContext context) -> Task<> {
    outcome = co_await accept(std::move(below), std::move(context));
  }(server, std::move(near), TlsContext::server(server_options).value()));
  write(*far, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(server_error().code(), Errc::protocol);
  EXPECT_THAT(server_error().message(), HasSubstr("does not speak TLS"));
}

}  // namespace
}  // namespace promfleet::net
