#include <sys/resource.h>
#include <sys/socket.h>

#include <array>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/async/task_scope.h"
#include "core/async/testing.h"
#include "core/os/simulated_clock.h"
#include "core/os/system_clock.h"
#include "net/stream/dialer.h"
#include "net/stream/listener.h"

namespace promfleet::net {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class LinesSink final : public LogSink {
 public:
  void write(std::string_view line) override { lines.emplace_back(line); }
  std::vector<std::string> lines;
};

class FakeLookup final : public HostLookup {
 public:
  Task<Result<Addresses>> look_up(std::string host) override {
    if (host != "two.example") co_return fail(Errc::not_found, "no such host: {}", host);
    co_return Addresses{asio::ip::make_address("127.0.0.1"), asio::ip::make_address("127.0.0.2")};
  }
};

// Real sockets on loopback, on ports that the kernel chooses.
class TcpTest : public ::testing::Test {
 protected:
  void run(const std::function<Task<>()>& body) {
    run_until_done(io, [&]() -> Task<> {
      co_await body();
      listeners.clear();
      co_await resolver.close();
    });
  }

  Task<> listen_on(std::string address) {
    auto opened = co_await listen(std::move(address), resolver, clock, log);
    EXPECT_TRUE(opened) << opened.error().message();
    listeners = *std::move(opened);
  }

  Task<Result<std::unique_ptr<Stream>>> dial(std::string host) {
    const Endpoint endpoint{.host = std::move(host), .port = listeners.front()->port()};
    co_return co_await dialer.dial(endpoint, clock.now() + 10s);
  }

  static Task<Result<>> send(Stream& stream, std::string_view text) {
    std::array buffers{asio::const_buffer(text.data(), text.size())};
    co_return co_await stream.write(buffers);
  }

  static Task<std::string> receive(Stream& stream) {
    std::array<char, 100> buffer;
    const Result<std::size_t> bytes = co_await stream.read_some(buffer);
    if (!bytes) co_return std::string(to_string(bytes.error().code()));
    co_return std::string(buffer.data(), *bytes);
  }

  asio::io_context io;
  SimulatedClock clock;  // stands still: what is not about time cannot time out
  LinesSink sink;
  Log log{sink, clock, LogFormat::logfmt, LogLevel::info};
  FakeLookup lookup;
  Resolver resolver{io.get_executor(), clock, lookup};
  NetworkDialer dialer{clock, resolver};
  std::vector<std::unique_ptr<Listener>> listeners;
};

TEST_F(TcpTest, CarriesBytesAndTellsTheEnd) {
  run([&]() -> Task<> {
    co_await listen_on("127.0.0.1:0");
    auto client = (co_await dial("127.0.0.1")).value();
    auto server = (co_await listeners[0]->accept()).value();
    EXPECT_EQ(server->peer_address(), "127.0.0.1");
    EXPECT_EQ(client->peer(), fmt::format("127.0.0.1:{}", listeners[0]->port()));
    EXPECT_TRUE(co_await send(*client, "hello"));
    EXPECT_EQ(co_await receive(*server), "hello");
    EXPECT_TRUE(co_await client->shutdown());
    EXPECT_EQ(co_await receive(*server), "closed");
    EXPECT_TRUE(co_await send(*server, "bye"));
    EXPECT_EQ(co_await receive(*client), "bye");
  });
}

TEST_F(TcpTest, WritesMoreThanTheKernelTakesAtOnce) {
  run([&]() -> Task<> {
    co_await listen_on("127.0.0.1:0");
    auto client = (co_await dial("127.0.0.1")).value();
    auto server = (co_await listeners[0]->accept()).value();
    const std::string large(20 * 1024 * 1024, 'x');
    TaskScope scope(io.get_executor());
    scope.spawn([](Stream& stream, const std::string& text) -> Task<> {
      EXPECT_TRUE(co_await send(stream, text));
      EXPECT_TRUE(co_await stream.shutdown());
    }(*client, large));
    std::size_t received = 0;
    std::vector<char> buffer(100 * 1000);
    while (const Result<std::size_t> bytes = co_await server->read_some(buffer)) received += *bytes;
    EXPECT_EQ(received, large.size());
    co_await scope.join();
  });
}

TEST_F(TcpTest, PeerThatAcknowledgesNothingBreaksTheConnection) {
  run([&]() -> Task<> {
    co_await listen_on("127.0.0.1:0");
    NetworkDialer impatient(clock, resolver, std::nullopt, 20ms);
    const Endpoint endpoint{.host = "127.0.0.1", .port = listeners.front()->port()};
    auto client = (co_await impatient.dial(endpoint, clock.now() + 10s)).value();
    auto server = (co_await listeners[0]->accept()).value();
    const Result<> sent = co_await send(*client, std::string(20 * 1024 * 1024, 'x'));  // the server reads nothing
    EXPECT_FALSE(sent);
    if (!sent) EXPECT_EQ(sent.error().code(), Errc::unreachable);
  });
}

TEST_F(TcpTest, AWaitEndsAtItsDeadlineAndTheStreamCanSayGoodbye) {
  std::unique_ptr<Stream> client;
  std::unique_ptr<Stream> server;
  run([&]() -> Task<> {
    co_await listen_on("127.0.0.1:0");
    client = (co_await dial("127.0.0.1")).value();
    server = (co_await listeners[0]->accept()).value();
  });
  std::vector<std::string> seen;
  TaskScope scope(io.get_executor());
  scope.spawn([](Stream& stream, BootTime deadline, std::vector<std::string>& outcomes) -> Task<> {
    stream.expires_at(deadline);
    outcomes.push_back(co_await receive(stream));
    outcomes.push_back(co_await receive(stream));
    stream.expires_at(kNever);
    EXPECT_TRUE(co_await send(stream, "too slow"));
  }(*server, clock.now() + 10s, seen));
  clock.advance(io, 9s);
  EXPECT_THAT(seen, SizeIs(0));
  clock.advance(io, 1s);
  EXPECT_THAT(seen, ::testing::ElementsAre("timed_out", "timed_out"));
  run([&]() -> Task<> { EXPECT_EQ(co_await receive(*client), "too slow"); });
}

TEST_F(TcpTest, CancellationEndsAWait) {
  run([&]() -> Task<> {
    co_await listen_on("127.0.0.1:0");
    auto client = (co_await dial("127.0.0.1")).value();
    std::string seen;
    TaskScope scope(io.get_executor());
    scope.spawn(
        [](Stream& stream, std::string& outcome) -> Task<> { outcome = co_await receive(stream); }(*client, seen));
    co_await asio::post(io, kAwait);
    co_await scope.close();
    EXPECT_EQ(seen, "cancelled");
  });
}

TEST_F(TcpTest, WatchTellsDataFromAnEnd) {
  run([&]() -> Task<> {
    co_await listen_on("127.0.0.1:0");
    auto client = (co_await dial("127.0.0.1")).value();
    auto server = (co_await listeners[0]->accept()).value();
    std::vector<PeerEvent> events;
    const auto note = [&events](PeerEvent event) { events.push_back(event); };

    server->watch(note);
    EXPECT_TRUE(co_await send(*client, "hello"));
    EXPECT_TRUE(co_await server->readable());
    EXPECT_THAT(events, ::testing::ElementsAre(PeerEvent::sent_data));
    EXPECT_EQ(co_await receive(*server), "hello");

    server->watch(note);
    server->watch(nullptr);
    EXPECT_TRUE(co_await send(*client, "unseen"));
    EXPECT_EQ(co_await receive(*server), "unseen");
    EXPECT_THAT(events, SizeIs(1));

    server->watch(note);
    client.reset();
    EXPECT_TRUE(co_await server->readable());
    EXPECT_EQ(events.back(), PeerEvent::left);
    EXPECT_EQ(co_await receive(*server), "closed");
  });
}

TEST_F(TcpTest, InputComesInOrderWhoeverWaitsForIt) {
  run([&]() -> Task<> {
    co_await listen_on("127.0.0.1:0");
    auto client = (co_await dial("127.0.0.1")).value();
    auto server = (co_await listeners[0]->accept()).value();
    std::string sent;
    for (int number = 0; number < 20000; ++number) sent += fmt::format("{} ", number);
    TaskScope scope(io.get_executor());
    scope.spawn([](Stream& stream, const std::string& text) -> Task<> { EXPECT_TRUE(co_await send(stream, text)); }(
                                                                *client, sent));
    std::string received;
    while (received.size() < sent.size()) {
      server->watch([](PeerEvent event) { EXPECT_EQ(event, PeerEvent::sent_data); });
      const std::string piece = co_await receive(*server);
      EXPECT_EQ(piece, sent.substr(received.size(), piece.size()));
      received += piece;
    }
    server->watch(nullptr);
    co_await scope.close();
  });
}

TEST_F(TcpTest, WatchTellsOfWhatAnotherHasTakenIn) {
  run([&]() -> Task<> {
    co_await listen_on("127.0.0.1:0");
    auto client = (co_await dial("127.0.0.1")).value();
    auto server = (co_await listeners[0]->accept()).value();
    Signal told(io.get_executor());
    EXPECT_TRUE(co_await send(*client, "hello"));
    for (int times = 0; times < 2; ++times) {
      std::optional<PeerEvent> event;
      server->watch([&](PeerEvent seen) {
        event = seen;
        told.notify();
      });
      EXPECT_TRUE(co_await told.wait());
      EXPECT_EQ(event, PeerEvent::sent_data);
    }
    EXPECT_EQ(co_await receive(*server), "hello");
  });
}

TEST_F(TcpTest, ResetIsToldToWhoeverReadsAndToWhoeverReadsAgain) {
  run([&]() -> Task<> {
    co_await listen_on("127.0.0.1:0");
    auto client = (co_await dial("127.0.0.1")).value();
    auto server = (co_await listeners[0]->accept()).value();
    EXPECT_TRUE(co_await send(*server, "never read: so the end is a reset"));
    client.reset();
    EXPECT_EQ(co_await receive(*server), "unreachable");
    EXPECT_EQ(co_await receive(*server), "unreachable");
  });
}

TEST_F(TcpTest, AStreamMayBeDestroyedByItsOwnWatch) {
  run([&]() -> Task<> {
    co_await listen_on("127.0.0.1:0");
    auto client = (co_await dial("127.0.0.1")).value();
    auto server = (co_await listeners[0]->accept()).value();
    Signal destroyed(io.get_executor());
    server->watch([&](PeerEvent) {
      server.reset();
      destroyed.notify();
    });
    client.reset();
    EXPECT_TRUE(co_await destroyed.wait());
    EXPECT_EQ(server, nullptr);
  });
}

TEST_F(TcpTest, ListensOnBothFamiliesWithoutAHost) {
  run([&]() -> Task<> {
    co_await listen_on(":0");
    EXPECT_THAT(listeners, SizeIs(1));
    for (const std::string host : {"127.0.0.1", "::1"}) {
      auto client = co_await dial(host);
      if (!client && host == "::1") continue;  // a machine without IPv6
      EXPECT_TRUE(client) << client.error().message();
      auto server = (co_await listeners[0]->accept()).value();
      EXPECT_EQ(server->peer_address(), host);
    }
  });
}

TEST_F(TcpTest, ListensOnEveryAddressOfANameWithOnePort) {
  run([&]() -> Task<> {
    co_await listen_on("two.example:0");
    EXPECT_THAT(listeners, SizeIs(2));
    EXPECT_EQ(listeners[0]->port(), listeners[1]->port());
    EXPECT_TRUE(co_await dial("127.0.0.1"));
    EXPECT_TRUE(co_await dial("127.0.0.2"));
  });
}

TEST_F(TcpTest, LocalhostReachesWhoeverListensOnOneFamilyOnly) {
  run([&]() -> Task<> {
    for (const std::string address : {"127.0.0.1:0", "[::1]:0"}) {
      auto opened = co_await listen(address, resolver, clock, log);
      if (!opened && address.starts_with('[')) continue;  // a machine without IPv6
      listeners = std::move(opened).value();
      EXPECT_TRUE(co_await dial("localhost")) << address;
    }
  });
}

TEST_F(TcpTest, TriesTheNextAddressWhenOneRefuses) {
  run([&]() -> Task<> {
    co_await listen_on("127.0.0.2:0");
    auto client = co_await dial("two.example");
    EXPECT_TRUE(client);
    if (client) EXPECT_THAT((*client)->peer(), HasSubstr("127.0.0.2:"));
  });
}

TEST_F(TcpTest, SaysWhomItCouldNotReachAndWhy) {
  run([&]() -> Task<> {
    co_await listen_on("127.0.0.1:0");
    const std::uint16_t port = listeners[0]->port();
    listeners.clear();
    const Endpoint endpoint{.host = "127.0.0.1", .port = port};
    const auto refused = co_await dialer.dial(endpoint, clock.now() + 10s);
    EXPECT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), Errc::refused);
    EXPECT_THAT(refused.error().message(), AllOf(HasSubstr(to_string(endpoint)), HasSubstr("refused")));
    const Endpoint unknown{.host = "nobody.example", .port = 80};
    EXPECT_EQ((co_await dialer.dial(unknown, clock.now() + 10s)).error().code(), Errc::not_found);
  });
}

TEST_F(TcpTest, GivesUpOnASilentAddressAtTheDeadline) {
  run([&]() -> Task<> {
    // A listener whose queue is full swallows further connections.
    co_await listen_on("127.0.0.1:0");
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(fd, 0), 0);
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    const Endpoint endpoint{.host = "127.0.0.1", .port = ntohs(address.sin_port)};
    std::vector<std::unique_ptr<Stream>> queued;
    SystemClock system(io);
    NetworkDialer impatient(system, resolver);
    while (true) {
      auto stream = co_await impatient.dial(endpoint, system.now() + 50ms);
      if (!stream) {
        EXPECT_EQ(stream.error().code(), Errc::timed_out);
        break;
      }
      queued.push_back(*std::move(stream));
    }
    ::close(fd);
  });
}

TEST_F(TcpTest, RefusesToListenWhereItCannot) {
  run([&]() -> Task<> {
    for (const std::string address : {"9095", "::1:9095", "localhost:", ":http", ":65536", ""}) {
      const auto opened = co_await listen(address, resolver, clock, log);
      EXPECT_FALSE(opened) << address;
      if (!opened) EXPECT_THAT(opened.error().message(), HasSubstr("HOST:PORT"));
    }
    co_await listen_on("127.0.0.1:0");
    const auto taken = co_await listen(fmt::format("127.0.0.1:{}", listeners[0]->port()), resolver, clock, log);
    EXPECT_EQ(taken.error().code(), Errc::conflict);
    EXPECT_EQ((co_await listen("192.0.2.1:0", resolver, clock, log)).error().code(), Errc::not_found);
  });
}

TEST_F(TcpTest, AcceptEndsWhenTheListenerIsClosed) {
  run([&]() -> Task<> {
    co_await listen_on("127.0.0.1:0");
    std::optional<Errc> seen;
    TaskScope scope(io.get_executor());
    scope.spawn([](Listener& listener, std::optional<Errc>& outcome) -> Task<> {
      outcome = (co_await listener.accept()).error().code();
    }(*listeners[0], seen));
    co_await asio::post(io, kAwait);
    listeners[0]->close();
    co_await scope.join();
    EXPECT_EQ(seen, Errc::closed);
  });
}

// Restores the limit, whatever happens in between.
class FileDescriptorLimit {
 public:
  FileDescriptorLimit() { getrlimit(RLIMIT_NOFILE, &before_); }
  ~FileDescriptorLimit() { setrlimit(RLIMIT_NOFILE, &before_); }
  void set(rlim_t limit) {
    const rlimit now{.rlim_cur = limit, .rlim_max = before_.rlim_max};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &now), 0);
  }

 private:
  rlimit before_{};
};

TEST_F(TcpTest, AcceptsAgainByItselfOnceThereAreFileDescriptors) {
  std::unique_ptr<Stream> client;
  run_until_done(io, [&]() -> Task<> {
    listeners = (co_await listen("127.0.0.1:0", resolver, clock, log)).value();
    client = (co_await dial("127.0.0.1")).value();
  });
  // The sanitizer opens a pipe when it sees a type for the first time: here, as long as it can.
  log.info("before");
  TaskScope scope(io.get_executor());
  scope.spawn([](Clock& waiting) -> Task<> { EXPECT_TRUE(co_await sleep_for(waiting, 1s)); }(clock));
  clock.advance(io, 1s);

  FileDescriptorLimit descriptors;
  descriptors.set(3);
  std::vector<std::unique_ptr<Stream>> accepted;
  scope.spawn([](Listener& listener, std::vector<std::unique_ptr<Stream>>& got) -> Task<> {
    while (auto stream = co_await listener.accept()) got.push_back(*std::move(stream));
  }(*listeners[0], accepted));
  for (int i = 0; i < 10; ++i) clock.advance(io, 1s);
  const std::size_t accepted_without = accepted.size();
  descriptors.set(100);
  EXPECT_EQ(accepted_without, 0u);
  EXPECT_THAT(sink.lines, ::testing::ElementsAre(HasSubstr("before"), HasSubstr("cannot accept connections")));
  clock.advance(io, 1s);
  EXPECT_THAT(accepted, SizeIs(1));

  listeners[0]->close();
  clock.advance(io, 1s);
  EXPECT_EQ(scope.running(), 0u);
}

}  // namespace
}  // namespace promfleet::net
