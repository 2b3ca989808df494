#include "elector/proxy/passage.h"

#include <gmock/gmock.h>

#include "elector/proxy/proxy_testing.h"

namespace promfleet::elector {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using PassageTest = ProxyTest;

TEST_F(PassageTest, TargetFieldsAndBodyArriveAsTheyWereSent) {
  std::vector<http::Request> received;
  network_.serve(kLocal, answering("ok", &received));
  start();
  post("/a%2Fb/c;d?q=%7Bx%7D&&z=a+b", std::string(100'000, 'x'));
  ASSERT_EQ(received.size(), 1u);
  EXPECT_EQ(received[0].method, "POST");
  EXPECT_EQ(received[0].target, "/a%2Fb/c;d?q=%7Bx%7D&&z=a+b");
  EXPECT_EQ(received[0].body, std::string(100'000, 'x'));
  EXPECT_EQ(received[0].fields.find("Host"), "proxy:9095");
  EXPECT_EQ(received[0].fields.find("Content-Length"), "100000");
  EXPECT_EQ(received[0].fields.find("X-Forwarded-For"), "memory");
}

TEST_F(PassageTest, ChunkedBodiesPassInBothDirections) {
  network_.serve(kLocal, [](http::Exchange& exchange) -> Task<> {
    const std::string body = *co_await exchange.read_body(1 << 20);
    static_cast<void>(co_await exchange.begin({}));
    static_cast<void>(co_await exchange.write(body));
    static_cast<void>(co_await exchange.end(" and back"));
  });
  start();
  net::Stream& client =
      connect_and_send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nthere\r\n0\r\n\r\n");
  EXPECT_THAT(received(client), AllOf(HasSubstr("Transfer-Encoding: chunked"), HasSubstr("5\r\nthere\r\n"),
                                      HasSubstr("9\r\n and back\r\n"), HasSubstr("0\r\n\r\n")));
}

TEST_F(PassageTest, BodyLargerThanAllBuffersPasses) {
  network_.serve(kLocal, answering(std::string(1 << 20, 'x')));
  start();
  EXPECT_EQ(get("/").body().size(), (1 << 20) + 1);
}

TEST_F(PassageTest, AnswersToHeadAndWithoutABodyPassAsTheyAre) {
  network_.serve(kLocal, [](http::Exchange& exchange) -> Task<> {
    http::Response response;
    if (exchange.request().target == "/none") response.status = 204;
    if (exchange.request().target == "/same") response.status = 304;
    response.body = "six by";
    static_cast<void>(co_await exchange.respond(std::move(response)));
  });
  start();
  const Asked& head = ask({.method = "HEAD"});
  EXPECT_EQ(head.body(), "");
  EXPECT_EQ((*head.answer)->fields.find("Content-Length"), "6");
  EXPECT_EQ(get("/none").status(), 204);
  EXPECT_EQ(get("/same").status(), 304);
  EXPECT_EQ(get("/").body(), "six by");
  EXPECT_THAT(network_.dialled, ElementsAre(kProxy, kLocal));
}

TEST_F(PassageTest, ExpectationIsAnsweredBeforeTheBodyIsSent) {
  std::vector<http::Request> requests;
  network_.serve(kLocal, answering("ok", &requests));
  start();
  net::Stream& client =
      connect_and_send("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(received(client), "HTTP/1.1 100 Continue\r\n\r\n");
  send(client, "hi");
  EXPECT_THAT(received(client), HasSubstr("HTTP/1.1 200"));
  EXPECT_EQ(requests.at(0).body, "hi");
  EXPECT_FALSE(requests.at(0).fields.find("Expect"));
}

TEST_F(PassageTest, UpgradeIsNotPassedOn) {
  std::vector<http::Request> requests;
  network_.serve(kLocal, answering("plain", &requests));
  start();
  net::Stream& client =
      connect_and_send("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  EXPECT_THAT(received(client), HasSubstr("HTTP/1.1 200"));
  EXPECT_FALSE(requests.at(0).fields.find("Upgrade"));
}

TEST_F(PassageTest, AnswerThatBreaksOffIsNotPassedOffAsWhole) {
  network_.serve(kLocal, [](http::Exchange& exchange) -> Task<> {
    http::Response head;
    head.fields.add("Content-Length", "1000");
    static_cast<void>(co_await exchange.begin(std::move(head), "part"));
  });
  start();
  const Asked& broken = get("/");
  ASSERT_TRUE(broken.answer);
  EXPECT_FALSE(*broken.answer);
}

TEST_F(PassageTest, ClientThatLeavesCancelsTheRequest) {
  bool has_noticed = false;
  network_.serve(kLocal, [&](http::Exchange& exchange) -> Task<> {
    exchange.when_gone([&has_noticed] { has_noticed = true; });
    static_cast<void>(co_await sleep_for(clock_, 1h));
  });
  start();
  net::Stream& client = connect_and_send("GET /hang HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_FALSE(has_noticed);
  client.close();
  settle();
  EXPECT_TRUE(has_noticed);
  EXPECT_THAT(metrics_.render(), HasSubstr(R"(promfleet_elector_proxy_requests_total{code="499",upstream="none"} 1)"));
  EXPECT_THAT(metrics_.render(), HasSubstr("promfleet_elector_proxy_requests_in_flight 0"));
}

TEST_F(PassageTest, ClientThatDoesNotReadHoldsUpTheLeader) {
  std::size_t written = 0;
  network_.serve(kLocal, [&](http::Exchange& exchange) -> Task<> {
    static_cast<void>(co_await exchange.begin({}));
    const std::string piece(16 * 1024, 'x');
    while (co_await exchange.write(piece)) written += piece.size();
  });
  start();
  net::Stream& client = connect_and_send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_GT(written, 0u);
  EXPECT_LT(written, 512u * 1024);
  client.close();
  settle();
}

TEST_F(PassageTest, LeaderThatDoesNotReadHoldsUpTheClient) {
  network_.serve(kLocal, [this](http::Exchange& exchange) -> Task<> {
    static_cast<void>(co_await sleep_for(clock_, 10s));
    const std::string body = *co_await exchange.read_body(1 << 20);
    static_cast<void>(co_await exchange.respond(http::text_response(200, std::to_string(body.size()))));
  });
  start();
  const std::string body(1 << 20, 'x');
  net::Stream& client = connect_and_send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1048576\r\n\r\n");
  std::size_t sent = 0;
  const auto send_what_fits = [&] {
    for (std::size_t bytes = 1; bytes > 0; settle()) {
      const std::array buffers{asio::const_buffer(body.data() + sent, body.size() - sent)};
      bytes = sent == body.size() ? 0 : *client.try_write(buffers);
      sent += bytes;
    }
  };
  send_what_fits();
  EXPECT_LT(sent, 512u * 1024);
  clock_.advance(io_, 10s);
  send_what_fits();
  EXPECT_EQ(sent, body.size());
  EXPECT_THAT(received(client), HasSubstr("1048576"));
}

TEST_F(PassageTest, LeaderThatRefusesABodyIsHeard) {
  network_.serve(kLocal, [](http::Exchange& exchange) -> Task<> {
    static_cast<void>(co_await exchange.respond(http::text_response(413, "too large")));
  });
  start();
  EXPECT_EQ(post("/api/v1/write", std::string(1 << 20, 'x')).status(), 413);
}

TEST_F(PassageTest, MalformedBodyIsTheClientsFaultAndNeverArrivesAsAWhole) {
  std::vector<http::Request> requests;
  network_.serve(kLocal, answering("ok", &requests));
  start();
  net::Stream& client =
      connect_and_send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nno number\r\n");
  EXPECT_THAT(received(client), AllOf(HasSubstr("HTTP/1.1 400"), HasSubstr("the body of the request did not arrive")));
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].body, "broken");
}

TEST_F(PassageTest, ClientThatStopsInTheMiddleOfItsBodyIsTimedOut) {
  network_.serve(kLocal, answering("ok"));
  start();
  net::Stream& client = connect_and_send("POST /api/v1/query HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nquery=");
  clock_.advance(io_, 60s);
  EXPECT_THAT(received(client), HasSubstr("HTTP/1.1 408"));
  EXPECT_THAT(network_.dialled, IsEmpty());
}

TEST_F(PassageTest, ClientThatLeavesInTheMiddleOfItsBodyIsNotTakenForWhole) {
  std::vector<http::Request> requests;
  network_.serve(kLocal, answering("ok", &requests));
  start();
  net::Stream& client = connect_and_send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc");
  client.close();
  settle();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].body, "broken");
  EXPECT_THAT(metrics_.render(), HasSubstr(R"(promfleet_elector_proxy_requests_total{code="499",upstream="none"} 1)"));
}

TEST_F(PassageTest, ClientThatLeavesWhileNobodyLeadsIsForgotten) {
  std::vector<http::Request> requests;
  network_.serve(kLocal, answering("own", &requests));
  leaders_.set(std::nullopt);
  start();
  connect_and_send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").close();
  settle();
  leaders_.set("a", true);
  settle();
  EXPECT_THAT(requests, IsEmpty());
  EXPECT_THAT(metrics_.render(), HasSubstr("promfleet_elector_proxy_requests_in_flight 0"));
}

TEST_F(PassageTest, PipelinedRequestsAreAnsweredInOrder) {
  network_.serve(kLocal, [](http::Exchange& exchange) -> Task<> {
    static_cast<void>(co_await exchange.respond(http::text_response(200, exchange.request().target)));
  });
  start();
  const std::string answers =
      received(connect_and_send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_LT(answers.find("/1\n"), answers.find("/2\n"));
  EXPECT_NE(answers.find("/2\n"), std::string::npos);
}

TEST_F(PassageTest, OldClientGetsABodyThatEndsWithTheConnection) {
  network_.serve(kLocal, [](http::Exchange& exchange) -> Task<> {
    static_cast<void>(co_await exchange.begin({}, "streamed"));
    static_cast<void>(co_await exchange.end());
  });
  start();
  EXPECT_THAT(received(connect_and_send("GET / HTTP/1.0\r\n\r\n")),
              AllOf(HasSubstr("\r\n\r\nstreamed"), HasSubstr("Connection: close")));
}

}  // namespace
}  // namespace promfleet::elector
