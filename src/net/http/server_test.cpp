#include "net/http/server.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/async/testing.h"
#include "core/os/simulated_clock.h"
#include "net/http/server_connection.h"
#include "net/stream/memory_stream.h"
#include "net/tls/testing.h"

namespace promfleet::http {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class NoLog final : public LogSink {
  void write(std::string_view) override {}
};

// A server and clients that speak bytes, in memory and in simulated time.
class ServerTest : public ::testing::Test {
 protected:
  ~ServerTest() override {
    if (server) stop(0s);
  }

  void serve(Handler handler, ServerLimits limits = {}) {
    server = std::make_unique<Server>(io.get_executor(), clock, Log(sink, clock, LogFormat::logfmt, LogLevel::error),
                                      std::move(handler), limits);
  }

  std::unique_ptr<net::Stream> connect(std::size_t bytes_max = 1024 * 1024) {
    auto [near, far] = net::memory_stream_pair(io.get_executor(), clock, bytes_max);
    server->serve(std::move(far));
    return std::move(near);
  }

  void pass(Duration time = 0s) { clock.advance(io, time); }

  void say(net::Stream& client, std::string_view text) {
    const std::array buffers{asio::const_buffer(text.data(), text.size())};
    ASSERT_EQ(client.try_write(buffers), text.size());
    pass();
  }

  // Everything that has come; "<closed>" at the end if the server has closed.
  std::string hear(net::Stream& client) {
    std::string heard;
    std::array<char, 4096> buffer;
    while (true) {
      pass();
      const Result<std::size_t> bytes = client.try_read(buffer);
      if (!bytes) return heard + "<" + std::string(to_string(bytes.error().code())) + ">";
      if (*bytes == 0) return heard;
      heard.append(buffer.data(), *bytes);
    }
  }

  std::string ask(net::Stream& client, std::string_view text) {
    say(client, text);
    return hear(client);
  }

  void stop(Duration grace) {
    bool stopped = false;
    TaskScope scope(io.get_executor());
    scope.spawn([](Server& the_server, Duration time, bool& done) -> Task<> {
      co_await the_server.stop(time);
      done = true;
    }(*server, grace, stopped));
    pass(grace);
    EXPECT_TRUE(stopped);
    server.reset();
  }

  asio::io_context io;
  SimulatedClock clock;
  NoLog sink;
  std::unique_ptr<Server> server;
};

Task<> greet(Exchange& exchange) {
  Response response = text_response(200, "hello " + exchange.request().target);
  [[maybe_unused]] const auto sent = co_await exchange.respond(std::move(response));
}

Task<> echo(Exchange& exchange) {
  const Result<std::string> body = co_await exchange.read_body(1024);
  if (!body && body.error().code() != Errc::limit_exceeded) co_return;
  Response response{.status = body ? 200 : 413};
  response.body = body.value_or("too long");
  [[maybe_unused]] const auto sent = co_await exchange.respond(std::move(response));
}

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

TEST_F(ServerTest, AnswersWithDateAndLengthAndKeepsTheConnection) {
  serve(greet);
  auto client = connect();
  const std::string first = ask(*client, kGet);
  EXPECT_THAT(first, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(first, HasSubstr("\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n"));
  EXPECT_THAT(first, HasSubstr("\r\nContent-Length: 8\r\n"));
  EXPECT_THAT(first, Not(HasSubstr("Connection")));
  EXPECT_THAT(first, EndsWith("\r\n\r\nhello /\n"));
  EXPECT_EQ(ask(*client, kGet), first);
}

TEST_F(ServerTest, TellsHandlersWhichConnectionARequestCameOn) {
  serve([](Exchange& exchange) -> Task<> {
    Response response = text_response(200, fmt::format("connection {}", exchange.connection().value()));
    [[maybe_unused]] const auto sent = co_await exchange.respond(std::move(response));
  });
  auto first = connect();
  auto second = connect();
  EXPECT_THAT(ask(*second, kGet), EndsWith("connection 2\n"));
  EXPECT_THAT(ask(*first, kGet), EndsWith("connection 1\n"));
  EXPECT_THAT(ask(*first, kGet), EndsWith("connection 1\n"));
}

TEST_F(ServerTest, ReadsARequestThatArrivesByteByByte) {
  serve(greet);
  auto client = connect();
  for (const char& byte : kGet) say(*client, {&byte, 1});
  EXPECT_THAT(hear(*client), EndsWith("hello /\n"));
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  serve(greet);
  auto client = connect();
  const std::string answers = ask(*client,
                                  "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: "
                                  "3\r\n\r\nxyzGET /3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_LT(answers.find("hello /1\n"), answers.find("hello /2\n"));
  EXPECT_LT(answers.find("hello /2\n"), answers.find("hello /3\n"));
  EXPECT_THAT(answers, AllOf(HasSubstr("Connection: close\r\n"), EndsWith("hello /3\n<closed>")));
}

TEST_F(ServerTest, ReadsSizedAndChunkedBodies) {
  serve(echo);
  auto client = connect();
  EXPECT_THAT(ask(*client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"), EndsWith("\r\n\r\nhello"));
  say(*client, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  EXPECT_THAT(ask(*client, "2\r\nde\r\n0\r\n\r\n"), EndsWith("\r\n\r\nabcde"));
}

TEST_F(ServerTest, TellsAClientThatWaitsToContinue) {
  serve(echo);
  auto client = connect();
  EXPECT_EQ(ask(*client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"),
            "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_THAT(ask(*client, "hi"), AllOf(StartsWith("HTTP/1.1 200 OK"), EndsWith("hi")));
}

TEST_F(ServerTest, AnswerAfterAContinueThatCouldNotBeSentFails) {
  std::vector<std::string_view> outcomes;
  const auto note = [&outcomes](const Result<>& sent) {
    outcomes.push_back(sent ? "sent" : to_string(sent.error().code()));
  };
  serve([&](Exchange& exchange) -> Task<> {
    const Result<std::string> body = co_await exchange.read_body(1024);
    EXPECT_FALSE(body);
    if (exchange.request().target == "/whole") co_return note(co_await exchange.respond(text_response(400, "sorry")));
    note(co_await exchange.begin(Response{}, "sor"));
    note(co_await exchange.write("r"));
    note(co_await exchange.end("y"));
  });
  constexpr std::size_t kTooFewForContinue = 20;
  for (const std::string target : {"/whole", "/streamed"}) {
    auto client = connect(kTooFewForContinue);
    const std::string head =
        "POST " + target + " HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";
    for (std::size_t at = 0; at < head.size(); at += kTooFewForContinue) {
      say(*client, std::string_view(head).substr(at, kTooFewForContinue));
    }
    client.reset();
    pass();
    EXPECT_EQ(server->connections(), 0u);
  }
  EXPECT_THAT(outcomes, ElementsAre("unreachable", "unreachable", "unreachable", "unreachable"));
}

TEST_F(ServerTest, DoesNotAskForABodyThatNobodyWants) {
  serve(greet);
  auto client = connect();
  EXPECT_THAT(ask(*client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 200 OK"), HasSubstr("Connection: close"), EndsWith("hello /\n<closed>")));
}

TEST_F(ServerTest, KeepsTheConnectionOfAClientThatSentItsBodyWithoutWaitingToContinue) {
  serve(echo);
  auto client = connect();
  EXPECT_THAT(ask(*client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nhi"),
              AllOf(StartsWith("HTTP/1.1 200 OK"), Not(HasSubstr("Connection: close")), EndsWith("hi")));
}

TEST_F(ServerTest, RefusesABodyBeyondTheHandlersLimit) {
  serve(echo);
  auto client = connect();
  EXPECT_THAT(ask(*client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 413 Content Too Large\r\n"), HasSubstr("Connection: close")));
}

TEST_F(ServerTest, AnswersHeadWithoutABody) {
  serve(greet);
  auto client = connect();
  EXPECT_THAT(ask(*client, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"),
              AllOf(HasSubstr("Content-Length: 8\r\n"), EndsWith("\r\n\r\n")));
  EXPECT_THAT(ask(*client, kGet), EndsWith("hello /\n"));
}

TEST_F(ServerTest, SpeaksHttp10) {
  serve(greet);
  auto client = connect();
  EXPECT_THAT(ask(*client, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
              AllOf(HasSubstr("Connection: keep-alive\r\n"), EndsWith("hello /\n")));
  EXPECT_THAT(ask(*client, "GET / HTTP/1.0\r\n\r\n"), EndsWith("hello /\n<closed>"));
}

TEST_F(ServerTest, RefusesSmugglingAndClosesBeforeTheNextRequest) {
  serve(greet);
  auto client = connect();
  const std::string answer = ask(*client,
                                 "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n"
                                 "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 400 Bad Request\r\n"), HasSubstr("Connection: close\r\n"),
                            EndsWith("<closed>"), Not(HasSubstr("smuggled"))));
}

TEST_F(ServerTest, RefusesABrokenChunkInTheMiddleOfABody) {
  serve(echo);
  auto client = connect();
  const std::string answer = ask(
      *client, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhiX\r\nGET / HTTP/1.1\r\n\r\n");
  EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 400 Bad Request\r\n"), EndsWith("<closed>")));
}

TEST_F(ServerTest, BoundsWhatComesWithABody) {
  serve([](Exchange& exchange) -> Task<> { EXPECT_FALSE((co_await exchange.read_body(1024)).has_value()); });
  auto client = connect();
  say(*client, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n");
  const std::string trailer = "X: " + std::string(1000, 'x') + "\r\n";
  std::string answer;
  for (int i = 0; i < 200 && answer.empty(); ++i) answer = ask(*client, trailer);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 431 "));
}

TEST_F(ServerTest, AnswersForAHandlerThatForgotTo) {
  serve([](Exchange&) -> Task<> { co_return; });
  auto client = connect();
  EXPECT_THAT(ask(*client, kGet), StartsWith("HTTP/1.1 500 Internal Server Error\r\n"));
}

TEST_F(ServerTest, StreamsInChunksAndReusesTheConnection) {
  serve([](Exchange& exchange) -> Task<> {
    EXPECT_TRUE(co_await exchange.begin(Response{}, "first"));
    EXPECT_TRUE(co_await exchange.write("second"));
    EXPECT_TRUE(co_await exchange.end("last"));
  });
  auto client = connect();
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(ask(*client, kGet), AllOf(HasSubstr("Transfer-Encoding: chunked\r\n"),
                                          EndsWith("\r\n\r\n5\r\nfirst\r\n6\r\nsecond\r\n4\r\nlast\r\n0\r\n\r\n")));
  }
  EXPECT_THAT(ask(*client, "GET / HTTP/1.0\r\n\r\n"), EndsWith("\r\n\r\nfirstsecondlast<closed>"));
}

TEST_F(ServerTest, SendsAnAnswerWhoseLengthIsNoNumberInChunks) {
  serve([](Exchange& exchange) -> Task<> {
    Response head;
    head.fields.add("Content-Length", "5abc");
    EXPECT_TRUE(co_await exchange.begin(std::move(head), "hello"));
    EXPECT_TRUE(co_await exchange.end());
  });
  auto client = connect();
  EXPECT_THAT(ask(*client, kGet), AllOf(HasSubstr("Transfer-Encoding: chunked\r\n"), Not(HasSubstr("Content-Length")),
                                        EndsWith("\r\n\r\n5\r\nhello\r\n0\r\n\r\n")));
}

TEST_F(ServerTest, CutsOffAnAnswerThatIsShorterThanItSaid) {
  serve([](Exchange& exchange) -> Task<> {
    Response head;
    head.fields.add("Content-Length", "10");
    EXPECT_TRUE(co_await exchange.begin(std::move(head), "short"));
    EXPECT_FALSE(co_await exchange.end());
  });
  auto client = connect();
  EXPECT_THAT(ask(*client, kGet), AllOf(HasSubstr("Content-Length: 10\r\n"), EndsWith("short<closed>")));
}

TEST_F(ServerTest, TellsTheHandlerThatTheClientHasGone) {
  bool is_gone = false;
  Signal gone(io.get_executor());
  serve([&](Exchange& exchange) -> Task<> {
    exchange.when_gone([&] {
      is_gone = true;
      gone.notify();
    });
    while (!is_gone && co_await gone.wait()) continue;
  });
  auto client = connect();
  say(*client, kGet);
  EXPECT_FALSE(is_gone);
  client.reset();
  pass();
  EXPECT_TRUE(is_gone);
  EXPECT_EQ(server->connections(), 0u);
}

TEST_F(ServerTest, TakesNoOffenceAtARequestThatArrivesEarly) {
  bool is_gone = false;
  Signal finish(io.get_executor());
  serve([&](Exchange& exchange) -> Task<> {
    exchange.when_gone([&] { is_gone = true; });
    EXPECT_TRUE(co_await finish.wait());
    co_await greet(exchange);
  });
  auto client = connect();
  say(*client, kGet);
  say(*client, kGet);
  EXPECT_FALSE(is_gone);
  finish.notify();
  EXPECT_THAT(hear(*client), EndsWith("hello /\n"));
  finish.notify();
  EXPECT_THAT(hear(*client), EndsWith("hello /\n"));
}

TEST_F(ServerTest, ClosesAnIdleConnectionInSilence) {
  serve(greet);
  auto client = connect();
  ask(*client, kGet);
  pass(299s);
  EXPECT_EQ(hear(*client), "");
  pass(2s);
  EXPECT_EQ(hear(*client), "<closed>");
}

TEST_F(ServerTest, GivesASlowHeadTenSeconds) {
  serve(greet);
  auto client = connect();
  for (int i = 0; i < 9; ++i) {
    say(*client, i == 0 ? "GET / HTTP/1.1\r\nX: " : "x");
    pass(1s);
    EXPECT_EQ(hear(*client), "");
  }
  pass(1s);
  EXPECT_THAT(hear(*client), StartsWith("HTTP/1.1 408 Request Timeout\r\n"));
  pass(2s);
  EXPECT_EQ(server->connections(), 0u);
}

TEST_F(ServerTest, WaitsForASlowBodyAsLongAsItProgresses) {
  serve(echo);
  auto client = connect();
  say(*client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n");
  for (int i = 0; i < 3; ++i) {
    pass(50s);
    say(*client, "x");
  }
  EXPECT_EQ(hear(*client), "");
  pass(61s);
  EXPECT_THAT(hear(*client), StartsWith("HTTP/1.1 408 Request Timeout\r\n"));
}

TEST_F(ServerTest, GivesABodyTheTimeThatItMayTakeHoweverItProgresses) {
  serve(echo, {.body_time_max = 10s});
  auto client = connect();
  say(*client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 40\r\n\r\n");
  for (int i = 0; i < 9; ++i) {
    pass(1s);
    say(*client, "x");
    EXPECT_EQ(hear(*client), "");
  }
  pass(1s);
  EXPECT_THAT(hear(*client), StartsWith("HTTP/1.1 408 Request Timeout\r\n"));
}

TEST_F(ServerTest, GivesUpOnAClientThatDoesNotRead) {
  Result<> written;
  serve([&](Exchange& exchange) -> Task<> {
    written = co_await exchange.begin(Response{}, std::string(100 * 1024, 'x'));
  });
  auto client = connect(64 * 1024);
  say(*client, kGet);
  pass(59s);
  EXPECT_EQ(server->connections(), 1u);
  pass(2s);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code(), Errc::timed_out);
  EXPECT_EQ(server->connections(), 0u);
}

TEST_F(ServerTest, GivesAHandshakeTenSecondsAndNoneWhenItStops) {
  const net::TestAuthority authority("test authority");
  serve(greet);
  server->use_tls(net::TlsContext::server({.identity = authority.issue({})}).value());
  auto slow = connect();
  pass(9s);
  EXPECT_EQ(hear(*slow), "");
  pass(1s);
  EXPECT_EQ(hear(*slow), "<closed>");
  auto late = connect();
  pass();
  TaskScope scope(io.get_executor());
  scope.spawn(server->stop(5s));
  EXPECT_EQ(hear(*late), "<closed>");
  EXPECT_EQ(scope.running(), 0u);
}

TEST_F(ServerTest, BoundsWhatUnfinishedHeadsKeepByCuttingWhoHasWaitedTheLongest) {
  serve(greet, {.waiting_bytes_max = 250 * 1024});
  auto idle = connect();
  pass();
  std::vector<std::unique_ptr<net::Stream>> unfinished;
  for (int i = 0; i < 5; ++i) {
    unfinished.push_back(connect());
    say(*unfinished.back(), "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(60 * 1024, 'x'));
  }
  std::vector<std::string> heard;
  for (const auto& client : unfinished) {
    const std::string cut_off = hear(*client);
    heard.push_back(cut_off.empty() ? ask(*client, "\r\n\r\n").substr(0, 12) : cut_off);
  }
  EXPECT_THAT(heard, ElementsAre("<closed>", "<closed>", "HTTP/1.1 200", "HTTP/1.1 200", "HTTP/1.1 200"));
  EXPECT_THAT(ask(*idle, kGet), EndsWith("hello /\n"));
}

TEST(ServerWorkspace, CountsTheRequestAndForgetsIt) {
  ServerWorkspace workspace({});
  const std::size_t empty = workspace.bytes();
  workspace.request.target.assign(1000, 'x');
  workspace.request.fields.add("Authorization", std::string(5000, 'x'));
  EXPECT_GE(workspace.bytes(), empty + 6000);
  workspace.clear();
  EXPECT_EQ(workspace.request.fields.size(), 0u);
  EXPECT_EQ(workspace.request.target, "");
}

TEST_F(ServerTest, KeepsTheLimitOfHeadAndTarget) {
  serve(greet);
  auto client = connect();
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(64 * 1024, 'x') + "\r\n\r\n";
  EXPECT_THAT(ask(*client, head), StartsWith("HTTP/1.1 431 "));
  client = connect();
  EXPECT_THAT(ask(*client, "GET /" + std::string(64 * 1024, 'x')), StartsWith("HTTP/1.1 414 "));
  client = connect();
  const std::string fits = "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(63 * 1024, 'x') + "\r\n\r\n";
  EXPECT_THAT(ask(*client, fits), StartsWith("HTTP/1.1 200 "));
}

TEST_F(ServerTest, StopClosesIdleConnectionsAndLetsRunningExchangesEnd) {
  Signal finish(io.get_executor());
  serve([&](Exchange& exchange) -> Task<> {
    EXPECT_TRUE(co_await finish.wait());
    co_await greet(exchange);
  });
  auto idle = connect();
  auto busy = connect();
  pass();
  say(*busy, kGet);
  TaskScope scope(io.get_executor());
  scope.spawn(server->stop(10s));
  EXPECT_EQ(hear(*idle), "<closed>");
  EXPECT_EQ(hear(*busy), "");
  EXPECT_EQ(scope.running(), 1u);
  finish.notify();
  EXPECT_THAT(hear(*busy), AllOf(HasSubstr("Connection: close\r\n"), EndsWith("hello /\n<closed>")));
  EXPECT_EQ(scope.running(), 0u);
}

TEST_F(ServerTest, StopCancelsAnExchangeThatOutlivesTheGracePeriod) {
  std::optional<Errc> seen;
  Signal never(io.get_executor());
  serve([&](Exchange&) -> Task<> {
    const Result<> waited = co_await never.wait();
    if (!waited) seen = waited.error().code();
  });
  auto client = connect();
  say(*client, kGet);
  stop(10s);
  EXPECT_EQ(seen, Errc::cancelled);
}

}  // namespace
}  // namespace promfleet::http
