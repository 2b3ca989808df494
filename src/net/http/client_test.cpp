#include "net/http/client.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/async/task_scope.h"
#include "core/os/simulated_clock.h"
#include "net/http/call.h"
#include "net/stream/memory_stream.h"

namespace promfleet::http {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view kHello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

// A client and a server that is played by the test, byte by byte, in simulated time.
class ClientTest : public ::testing::Test {
 protected:
  ~ClientTest() override {
    tasks.cancel();
    pass();
    EXPECT_EQ(tasks.running(), 0u);
  }

  void pass(Duration time = 0s) { clock.advance(io, time); }

  // Starts a request; its outcome is found in `answers` later.
  void send(Request request, Duration patience = 10s) {
    tasks.spawn([](ClientTest& test, Request wanted, BootTime deadline) -> Task<> {
      test.answers.push_back(co_await test.client.send(wanted, deadline));
    }(*this, std::move(request), clock.now() + patience));
    pass();
  }

  std::string heard_by_server(std::size_t connection) {
    std::string heard;
    std::array<char, 4096> buffer;
    while (true) {
      const Result<std::size_t> bytes = accepted[connection]->try_read(buffer);
      if (!bytes) return heard + "<" + std::string(to_string(bytes.error().code())) + ">";
      if (*bytes == 0) return heard;
      heard.append(buffer.data(), *bytes);
    }
  }

  void answer(std::size_t connection, std::string_view text) {
    const std::array buffers{asio::const_buffer(text.data(), text.size())};
    ASSERT_EQ(accepted[connection]->try_write(buffers), text.size());
    pass();
  }

  std::string body_of(std::size_t index) { return answers.at(index) ? answers.at(index)->body : "error"; }
  Error error_of(std::size_t index) { return answers.at(index).error(); }

  asio::io_context io;
  SimulatedClock clock;
  std::vector<std::unique_ptr<net::Stream>> accepted;
  net::MemoryDialer dialer{clock,
                           [this](std::unique_ptr<net::Stream> stream) { accepted.push_back(std::move(stream)); }};
  Client client{dialer, clock, Origin{.host = "a.example", .port = 9090}};
  std::vector<Result<Response>> answers;
  TaskScope tasks{io.get_executor()};
};

TEST_F(ClientTest, SendsARequestAndKeepsTheConnection) {
  send({.target = "/x?y"});
  EXPECT_EQ(heard_by_server(0), "GET /x?y HTTP/1.1\r\nHost: a.example:9090\r\n\r\n");
  answer(0, kHello);
  ASSERT_TRUE(answers.at(0));
  EXPECT_EQ(answers[0]->status, 200);
  EXPECT_EQ(answers[0]->body, "hello");

  send({.method = "POST", .body = "abc"});
  EXPECT_THAT(heard_by_server(0),
              AllOf(StartsWith("POST / HTTP/1.1\r\n"), HasSubstr("Content-Length: 3\r\n"), EndsWith("\r\n\r\nabc")));
  answer(0, "HTTP/1.1 503 Service Unavailable\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nbad\r\n0\r\n\r\n");
  ASSERT_TRUE(answers.at(1));
  EXPECT_EQ(answers[1]->status, 503);
  EXPECT_EQ(answers[1]->body, "bad");
  EXPECT_EQ(accepted.size(), 1u);
}

TEST_F(ClientTest, SkipsInterimAnswers) {
  send({});
  answer(0, "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n");
  answer(0, kHello);
  EXPECT_EQ(body_of(0), "hello");
}

TEST_F(ClientTest, UsesOneConnectionForEachRequestThatRunsBesideOthers) {
  send({.target = "/1"});
  send({.target = "/2"});
  EXPECT_EQ(accepted.size(), 2u);
  answer(1, kHello);
  answer(0, kHello);
  send({.target = "/3"});
  EXPECT_THAT(heard_by_server(0), HasSubstr("GET /3 "));
}

TEST_F(ClientTest, ReadsABodyUntilTheConnectionEnds) {
  send({});
  answer(0, "HTTP/1.1 200 OK\r\n\r\nhello");
  accepted[0].reset();
  pass();
  EXPECT_EQ(body_of(0), "hello");
  send({});
  EXPECT_EQ(accepted.size(), 2u);
}

TEST_F(ClientTest, ReportsAnAnswerThatIsCutOff) {
  send({});
  answer(0, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello");
  accepted[0].reset();
  pass();
  EXPECT_EQ(error_of(0).code(), Errc::unreachable);
  EXPECT_THAT(error_of(0).message(), HasSubstr("http://a.example:9090"));
}

TEST_F(ClientTest, ReportsWhatIsNotHttp) {
  send({});
  answer(0, "SSH-2.0-OpenSSH_9.2\r\n\r\n");
  EXPECT_EQ(error_of(0).code(), Errc::protocol);
  EXPECT_EQ(heard_by_server(0), "GET / HTTP/1.1\r\nHost: a.example:9090\r\n\r\n<closed>");
}

TEST_F(ClientTest, GivesUpAtTheDeadline) {
  send({}, 3s);
  pass(2s);
  EXPECT_TRUE(answers.empty());
  pass(1s);
  EXPECT_EQ(error_of(0).code(), Errc::timed_out);
  EXPECT_THAT(heard_by_server(0), EndsWith("<closed>"));
}

TEST_F(ClientTest, BoundsHeadAndBody) {
  send({});
  answer(0, "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
  for (int i = 0; i < 20 * 16 && answers.empty(); ++i) answer(0, std::string(60 * 1024, 'x'));
  EXPECT_EQ(error_of(0).code(), Errc::limit_exceeded);
  send({});
  answer(1, "HTTP/1.1 200 OK\r\nX: " + std::string(40 * 1024, 'x'));
  answer(1, std::string(40 * 1024, 'x'));
  EXPECT_EQ(error_of(1).code(), Errc::limit_exceeded);
}

TEST_F(ClientTest, DropsARestingConnectionThatTheServerCloses) {
  send({});
  answer(0, kHello);
  accepted[0].reset();
  pass();
  send({.method = "POST"});
  ASSERT_EQ(accepted.size(), 2u);
  answer(1, kHello);
  EXPECT_EQ(body_of(1), "hello");
}

TEST_F(ClientTest, DropsARestingConnectionOnWhichTheServerSpeaksUnasked) {
  send({});
  answer(0, kHello);
  answer(0, "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(heard_by_server(0), EndsWith("<closed>"));
  send({});
  EXPECT_EQ(accepted.size(), 2u);
}

TEST_F(ClientTest, DropsARestingConnectionAfterAMinute) {
  send({});
  answer(0, kHello);
  pass(59s);
  EXPECT_EQ(heard_by_server(0).find("<closed>"), std::string::npos);
  pass(1s);
  EXPECT_THAT(heard_by_server(0), EndsWith("<closed>"));
}

TEST_F(ClientTest, DropsAllRestingConnectionsWhenOneGivesNoAnswer) {
  send({.target = "/1"});
  send({.target = "/2"});
  answer(0, kHello);
  answer(1, kHello);
  send({}, 3s);
  pass(3s);
  EXPECT_EQ(error_of(2).code(), Errc::timed_out);
  EXPECT_THAT(heard_by_server(0), EndsWith("<closed>"));
  EXPECT_THAT(heard_by_server(1), EndsWith("<closed>"));
  send({});
  EXPECT_EQ(accepted.size(), 3u);
}

// The server closes a kept connection in the moment in which the next request is sent on it.
TEST_F(ClientTest, RepeatsAnIdempotentRequestThatAKeptConnectionLost) {
  send({});
  answer(0, kHello);
  send({});
  accepted[0].reset();
  pass();
  ASSERT_EQ(accepted.size(), 2u);
  answer(1, kHello);
  EXPECT_EQ(body_of(1), "hello");
}

TEST_F(ClientTest, DoesNotRepeatARequestThatMayHaveHadAnEffect) {
  send({});
  answer(0, kHello);
  send({.method = "POST"});
  accepted[0].reset();
  pass();
  EXPECT_EQ(accepted.size(), 1u);
  EXPECT_EQ(error_of(1).code(), Errc::unreachable);
}

TEST_F(ClientTest, DoesNotRepeatOnceAnAnswerHasBegun) {
  send({});
  answer(0, kHello);
  send({});
  answer(0, "HTTP/1.1 2");
  accepted[0].reset();
  pass();
  EXPECT_EQ(accepted.size(), 1u);
  EXPECT_EQ(error_of(1).code(), Errc::unreachable);
}

TEST_F(ClientTest, ReceivePassesOnPiecesAndRenewsItsPatience) {
  std::vector<std::string> pieces;
  std::optional<Result<>> outcome;
  tasks.spawn([](Client& the_client, std::vector<std::string>& got, std::optional<Result<>>& done) -> Task<> {
    const Request watch{.target = "/watch"};
    done = co_await the_client.receive(
        watch, [](const Response& head) { return head.status == 200 ? Result<>() : fail(Errc::forbidden, "no"); },
        [&got](std::string_view piece) {
          got.emplace_back(piece);
          return Result<>();
        },
        30s);
  }(client, pieces, outcome));
  pass();
  answer(0, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (const std::string_view chunk : {"3\r\none\r\n", "3\r\ntwo\r\n"}) {
    pass(29s);
    answer(0, chunk);
  }
  EXPECT_THAT(pieces, ElementsAre("one", "two"));
  EXPECT_FALSE(outcome);
  pass(30s);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->error().code(), Errc::timed_out);
}

class CallTest : public ClientTest {
 protected:
  void run(std::function<Task<>()> body) {
    bodies.push_back(std::move(body));
    tasks.spawn(bodies.back()());
    pass();
  }

  std::list<std::function<Task<>()>> bodies;
};

TEST_F(CallTest, StreamsABodyUpAndTheAnswerDown) {
  Call call(client);
  std::string body;
  run([&]() -> Task<> {
    EXPECT_TRUE(co_await call.begin({.method = "POST", .target = "/up"}, clock.now() + 10s));
    EXPECT_TRUE(co_await call.write("one"));
    EXPECT_TRUE(co_await call.write("two"));
    EXPECT_TRUE(co_await call.end());
    EXPECT_TRUE(co_await call.read_head());
    EXPECT_EQ(call.body_bytes(), 5u);
    body = call.read_buffered();
  });
  EXPECT_EQ(heard_by_server(0),
            "POST /up HTTP/1.1\r\nHost: a.example:9090\r\nTransfer-Encoding: chunked\r\n\r\n"
            "3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n");
  answer(0, kHello);
  EXPECT_EQ(body, "hello");
  EXPECT_TRUE(call.is_complete());
}

TEST_F(CallTest, KeepsTheLengthOfABodyThatIsKnown) {
  Call call(client);
  run([&]() -> Task<> {
    Request head{.method = "PUT"};
    head.fields.add("content-length", "6");
    head.fields.add("Connection", "close, X");
    EXPECT_TRUE(co_await call.begin(head, clock.now() + 10s));
    EXPECT_TRUE(co_await call.write("one"));
    EXPECT_TRUE(co_await call.end("two"));
  });
  EXPECT_EQ(heard_by_server(0), "PUT / HTTP/1.1\r\nHost: a.example:9090\r\nContent-Length: 6\r\n\r\nonetwo");
}

TEST_F(CallTest, AbortEndsAWaitAndClosesTheConnection) {
  Call call(client);
  std::optional<Errc> seen;
  run([&]() -> Task<> {
    const Result<> sent = co_await call.send(Request{}, kNever);
    if (!sent) seen = sent.error().code();
  });
  EXPECT_FALSE(seen);
  call.abort();
  pass();
  EXPECT_EQ(seen, Errc::cancelled);
  EXPECT_THAT(heard_by_server(0), EndsWith("<closed>"));
}

TEST_F(CallTest, AnUnfinishedCallClosesItsConnection) {
  {
    Call call(client);
    run([&]() -> Task<> { EXPECT_TRUE(co_await call.send(Request{}, kNever)); });
    answer(0, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello");
  }
  EXPECT_THAT(heard_by_server(0), EndsWith("<closed>"));
}

TEST_F(CallTest, CancellationEndsTheCall) {
  std::optional<Errc> seen;
  run([&]() -> Task<> {
    Call call(client);
    const Result<> sent = co_await call.send(Request{}, kNever);
    if (!sent) seen = sent.error().code();
  });
  tasks.cancel();
  pass();
  EXPECT_EQ(seen, Errc::cancelled);
  EXPECT_THAT(heard_by_server(0), EndsWith("<closed>"));
}

}  // namespace
}  // namespace promfleet::http
