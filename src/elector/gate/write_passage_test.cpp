#include "elector/gate/write_passage.h"

#include <gmock/gmock.h>

#include "elector/gate/gate_testing.h"
#include "remote_write/receiver/receive.h"

namespace promfleet::elector {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class WritePassageTest : public GateTest {
 protected:
  // Those of the bodies that the receiver hears on connection 0, request after request.
  std::vector<std::string> times_in(const std::string& request, Version version = Version::v1) {
    std::vector<std::string> times;
    remote_write::BodyDecoder decoder;
    const std::string body = body_in(request);
    const Result<remote_write::WriteRequest*> decoded = decoder.decode(version, body);
    EXPECT_TRUE(decoded);
    for (const remote_write::Series& series : (*decoded)->series()) {
      for (const remote_write::Label& label : (*decoded)->labels(series)) {
        if (label.name == "time") times.emplace_back(label.value);
      }
    }
    return times;
  }
  std::vector<std::string> take_all_but(const std::string& bad);
  std::string metric_lines(std::string_view name) const {
    std::string lines;
    const std::string page = metrics_.render();
    for (std::size_t at = page.find("\n" + std::string(name)); at != std::string::npos;
         at = page.find("\n" + std::string(name), at + 1)) {
      lines += page.substr(at + 1, page.find('\n', at + 1) - at);
    }
    return lines;
  }
};

TEST_F(WritePassageTest, BodyGoesOnAsItCame) {
  start();
  lead();
  heard(0);
  const std::string body = body_of({-20, -10});
  Written& written = write_body(body);
  const std::string request = heard(0);
  EXPECT_EQ(body_in(request), body);
  EXPECT_THAT(request, AllOf(HasSubstr("X-Promfleet-Group: g\r\n"), HasSubstr("X-Promfleet-Token: 7\r\n"),
                             HasSubstr("X-Promfleet-Stream: %2Fapi%2Fv1%2Fwrite\r\n")));
  EXPECT_EQ(written.status(), 0);
  receiver_.answer(0, 200, "");
  EXPECT_EQ(written.status(), 204);
  EXPECT_THAT(metric_lines("promfleet_gate_passed_on_samples_total"), HasSubstr("} 2"));
}

TEST_F(WritePassageTest, FollowerAcknowledgesWhatTheLeadersHaveReached) {
  start();
  Written& written = write({-100'000, -95'000});
  pass(3s);
  EXPECT_EQ(written.status(), 0);
  hear(-5'000);
  EXPECT_EQ(written.status(), 204);
}

TEST_F(WritePassageTest, FollowersAcknowledgementOfVersion2SaysThatAllIsWritten) {
  start();
  hear(0);
  Written& written = write_body(body_of({-100'000, -95'000}, Version::v2), Version::v2);
  EXPECT_EQ(written.status(), 204);
  EXPECT_EQ(written.field("X-Prometheus-Remote-Write-Samples-Written"), "2");
}

TEST_F(WritePassageTest, HeldForItsTimeItIsSentAgainByPrometheus) {
  start();
  Written& written = write({-10});
  pass(24'999ms);
  EXPECT_EQ(written.status(), 0);
  EXPECT_EQ(gate_->status().outlets[0].held_requests, 1u);
  pass(1ms);
  EXPECT_EQ(written.status(), 503);
  EXPECT_THAT(written.text(), HasSubstr("this member follows; nothing is lost"));
  EXPECT_EQ(gate_->status().outlets[0].held_requests, 0u);
  EXPECT_EQ(gate_->status().outlets[0].held_bytes, 0u);
}

TEST_F(WritePassageTest, DestinationThatIsDownIsTriedAgainWithinTheTime) {
  start();
  lead();
  heard(0);
  Written& written = write({-10});
  heard(0);
  receiver_.answer(0, 500, "on fire");
  EXPECT_EQ(heard(0), "");
  pass(30ms);
  EXPECT_THAT(heard(0), StartsWith("POST /api/v1/write"));
  receiver_.answer(0, 503, "", "Retry-After: 3\r\n");
  pass(2'999ms);
  EXPECT_EQ(heard(0), "");
  pass(1ms);
  EXPECT_THAT(heard(0), StartsWith("POST /api/v1/write"));
  receiver_.answer(0, 204, "");
  EXPECT_EQ(written.status(), 204);
}

// Prometheus drops what is answered with 4xx, and 429 too unless it is told otherwise.
TEST_F(WritePassageTest, WhatAPersonHasToPutRightCostsNoSample) {
  start();
  lead();
  for (const int status : {401, 403, 404, 302, 429, 408}) {
    Written& written = write({-10});
    heard(0);
    for (int attempts = 0; written.status() == 0 && attempts < 100; ++attempts) {
      receiver_.answer(0, status, "no");
      pass(5s);
    }
    EXPECT_EQ(written.status(), 503) << status;
    EXPECT_THAT(written.text(), HasSubstr("held for 25s")) << status;
  }
}

TEST_F(WritePassageTest, TokenThatHasBeenRenewedIsReadWhenTheOldOneIsRefused) {
  ASSERT_TRUE(files_.replace("/token", "old", 0600));
  put_config("- {url: 'http://hub/w', authorization: {credentials_file: token}}\n");
  start();
  tasks_.spawn(config_->follow(watcher_));
  lead();
  heard(0);
  Written& written = write({-10});
  EXPECT_THAT(heard(0), HasSubstr("Authorization: Bearer old\r\n"));
  ASSERT_TRUE(files_.replace("/token", "new", 0600));
  receiver_.answer(0, 401, "expired");
  pass(30ms);
  EXPECT_THAT(heard(0), HasSubstr("Authorization: Bearer new\r\n"));
  receiver_.answer(0, 204, "");
  EXPECT_EQ(written.status(), 204);
}

TEST_F(WritePassageTest, RefusedBatchIsNarrowedDownToWhatIsRefused) {
  start();
  lead();
  heard(0);
  Written& written = write({-4, -3, -2, -1});
  std::vector<std::string> accepted;
  for (std::string request = heard(0); !request.empty(); request = heard(0)) {
    const std::vector<std::string> times = times_in(request);
    const bool has_bad = std::ranges::find(times, "-3") != times.end();
    if (!has_bad) accepted.insert(accepted.end(), times.begin(), times.end());
    receiver_.answer(0, has_bad ? 400 : 204, has_bad ? "out of order sample" : "");
  }
  EXPECT_THAT(accepted, testing::UnorderedElementsAre("-4", "-2", "-1"));
  EXPECT_EQ(written.status(), 400);
  EXPECT_THAT(written.text(), HasSubstr("out of order sample"));
  EXPECT_THAT(metric_lines("promfleet_gate_refused_samples_total"), HasSubstr("status=\"400\"} 1"));
  EXPECT_EQ(gate_->status().outlets[0].watermark_ms, now_ms() - 4) << "Prometheus will not send it again";
}

// The receiver answers whatever it has not answered yet, and takes all but one sample.
std::vector<std::string> WritePassageTest::take_all_but(const std::string& bad) {
  std::vector<std::string> requests;
  for (std::string request = heard(0); !request.empty(); request = heard(0)) {
    const std::vector<std::string> times = times_in(request);
    requests.push_back(fmt::format("{}", fmt::join(times, " ")));
    const bool has_bad = std::ranges::find(times, bad) != times.end();
    receiver_.answer(0, has_bad ? 400 : 204, has_bad ? "out of order sample" : "");
  }
  return requests;
}

TEST_F(WritePassageTest, NarrowingThatIsInterruptedGoesOnWhereItWas) {
  start();
  lead();
  heard(0);
  Written& written = write({-4, -3, -2, -1});
  heard(0);
  receiver_.answer(0, 400, "one of them");
  heard(0);
  receiver_.answer(0, 204, "");
  EXPECT_THAT(times_in(heard(0)), testing::ElementsAre("-2", "-1"));
  receiver_.answer(0, 503, "ending");
  pass(30ms);
  EXPECT_THAT(take_all_but("-2"), testing::ElementsAre("-2 -1", "-2", "-1"));
  EXPECT_EQ(written.status(), 400);
}

// As a network does that takes longer than Prometheus waits.
TEST_F(WritePassageTest, NarrowingThatTakesLongerThanPrometheusWaitsGoesOnWithTheSameBytes) {
  start();
  lead();
  heard(0);
  const std::string body = body_of({-4, -3, -2, -1});
  Written* written = &write_body(body);
  std::vector<std::string> requests;
  for (int answers = 0; answers < 20 && written->status() != 400; ++answers) {
    if (written->status() == 503) written = &write_body(body);
    const std::string request = heard(0);
    ASSERT_NE(request, "");
    requests.push_back(fmt::format("{}", fmt::join(times_in(request), " ")));
    pass(13s);
    const bool has_bad = requests.back().find("-3") != std::string::npos;
    receiver_.answer(0, has_bad ? 400 : 204, has_bad ? "out of order sample" : "");
  }
  EXPECT_THAT(requests, testing::ElementsAre("-4 -3 -2 -1", "-4 -3", "-4", "-3 -2", "-3", "-2", "-1"));
  EXPECT_EQ(written->status(), 400);
  EXPECT_THAT(metric_lines("promfleet_gate_refused_samples_total"), HasSubstr("status=\"400\"} 1"));
  EXPECT_THAT(metric_lines("promfleet_gate_passed_on_samples_total"), HasSubstr("} 3"));
}

TEST_F(WritePassageTest, AnswerThatPrometheusHasNotHeardIsGivenAgain) {
  start();
  lead();
  heard(0);
  const std::string body = body_of({-2, -1});
  auto [near, far] = net::memory_stream_pair(receiver_.io.get_executor(), receiver_.clock);
  server_->serve(std::move(far));
  say(*near, body);
  ASSERT_NE(heard(0), "");
  receiver_.answer(0, 400, "one of them");
  ASSERT_NE(heard(0), "");
  receiver_.answer(0, 204, "");
  EXPECT_THAT(times_in(heard(0)), testing::ElementsAre("-1"));
  near.reset();
  pass();
  receiver_.answer(0, 400, "out of order sample");
  Written& written = write_body(body);
  EXPECT_EQ(written.status(), 400);
  EXPECT_EQ(heard(0), "");
  EXPECT_THAT(metric_lines("promfleet_gate_refused_samples_total"), HasSubstr("status=\"400\"} 1"));
}

TEST_F(WritePassageTest, NothingIsSentForAClientThatIsGone) {
  start();
  lead();
  heard(0);
  auto [near, far] = net::memory_stream_pair(receiver_.io.get_executor(), receiver_.clock);
  server_->serve(std::move(far));
  say(*near, body_of({-4, -3, -2, -1}));
  ASSERT_NE(heard(0), "");
  near.reset();
  pass();
  receiver_.answer(0, 400, "one of them");
  EXPECT_EQ(heard(0), "");
}

TEST_F(WritePassageTest, BatchThatIsTooLargeAsAWholeIsStoredInParts) {
  start();
  lead();
  heard(0);
  Written& written = write({-2, -1});
  ASSERT_NE(heard(0), "");
  receiver_.answer(0, 413, "too large");
  for (int part = 0; part < 2; ++part) {
    ASSERT_NE(heard(0), "");
    receiver_.answer(0, 204, "");
  }
  EXPECT_EQ(written.status(), 204);
  EXPECT_THAT(metric_lines("promfleet_gate_refused_samples_total"), Not(HasSubstr("} 1")));
}

// A proxy before the receiver that lets writes through, and nothing else.
TEST_F(WritePassageTest, ReceiverThatAsksForAFenceAndHasNoneIsAskedLessAndLessOften) {
  start();
  lead();
  heard(0);
  write({-10});
  int writes = 0;
  for (int step = 0; step < 1000; ++step) {
    const std::string request = heard(0);
    if (request.starts_with("POST /api/v1/write")) {
      ++writes;
      receiver_.answer(0, 428, R"({"code": "fence_first", "token": null, "error": "no fence"})");
    } else if (!request.empty()) {
      receiver_.answer(0, 404, "not here");
    } else {
      pass(10ms);
    }
  }
  EXPECT_LT(writes, 15);
}

TEST_F(WritePassageTest, ReceiverThatHasStoredTheRestIsNotAskedAgain) {
  start();
  lead();
  heard(0);
  Written& conflict = write({-2, -1});
  heard(0);
  receiver_.answer(0, 409, "conflict");
  EXPECT_EQ(conflict.status(), 409);
  Written& partly = write_body(body_of({-2, -1}, Version::v2), Version::v2);
  heard(0);
  receiver_.answer(0, 400, "one is old", "X-Prometheus-Remote-Write-Samples-Written: 1\r\n");
  EXPECT_EQ(partly.status(), 400);
  EXPECT_EQ(partly.field("X-Prometheus-Remote-Write-Samples-Written"), "1");
  EXPECT_EQ(heard(0), "");
}

TEST_F(WritePassageTest, LabelsAreDroppedOnTheWay) {
  put_config("- {url: 'http://hub/api/v1/write', group: g, drop_labels: [replica]}\n");
  start();
  lead();
  heard(0);
  write({-10});
  const std::string body = body_in(heard(0));
  remote_write::BodyDecoder decoder;
  const remote_write::WriteRequest& request = *decoder.decode(Version::v1, body).value();
  EXPECT_THAT(request.labels(request.series()[0]),
              testing::ElementsAre(remote_write::Label{"__name__", "m"}, remote_write::Label{"time", "-10"}));
}

TEST_F(WritePassageTest, MessageOfTheConfigurationIsSentWhateverPrometheusSends) {
  put_config("- {url: 'http://hub/w', protobuf_message: io.prometheus.write.v2.Request}\n");
  start();
  lead();
  heard(0);
  Written& written = write_body(body_of({-10}), Version::v1);
  const std::string request = heard(0);
  EXPECT_THAT(request, HasSubstr("proto=io.prometheus.write.v2.Request"));
  EXPECT_THAT(times_in(request, Version::v2), testing::ElementsAre("-10"));
  receiver_.answer(0, 204, "", "X-Prometheus-Remote-Write-Samples-Written: 1\r\n");
  EXPECT_EQ(written.status(), 204);
}

TEST_F(WritePassageTest, ReceiverThatDoesNotKnowVersion2GetsVersion1FromThenOn) {
  start();
  lead();
  heard(0);
  Written& written = write_body(body_of({-10}, Version::v2), Version::v2);
  heard(0);
  receiver_.answer(0, 415, "unsupported");
  const std::string again = heard(0);
  EXPECT_THAT(again, Not(HasSubstr("v2.Request")));
  EXPECT_THAT(times_in(again), testing::ElementsAre("-10"));
  receiver_.answer(0, 204, "");
  EXPECT_EQ(written.status(), 204);
  EXPECT_EQ(written.field("X-Prometheus-Remote-Write-Samples-Written"), "1");
  write_body(body_of({10}, Version::v2), Version::v2);
  EXPECT_THAT(heard(0), Not(HasSubstr("v2.Request")));
}

TEST_F(WritePassageTest, RequestsOfOneStreamGoOneAfterTheOther) {
  start();
  lead();
  heard(0);
  Written& first = write({-20});
  connect_anew();
  Written& second = write({-10});
  EXPECT_EQ(second.status(), 0);
  EXPECT_THAT(times_in(heard(0)), testing::ElementsAre("-20"));
  EXPECT_EQ(receiver_.connections(), 1u);
  receiver_.answer(0, 204, "");
  EXPECT_EQ(first.status(), 204);
  EXPECT_THAT(times_in(heard(0)), testing::ElementsAre("-10"));
  receiver_.answer(0, 204, "");
  EXPECT_EQ(second.status(), 204);
}

TEST_F(WritePassageTest, MetadataIsNotHeld) {
  start();
  remote_write::WriteRequest request;
  request.add_family({.family = "m", .metadata = {.type = remote_write::MetricType::counter, .help = "h", .unit = ""}});
  const std::string body = encode_body(Version::v1, request).value();
  EXPECT_EQ(write_body(body).status(), 204);
  lead();
  heard(0);
  write_body(body);
  EXPECT_THAT(heard(0), StartsWith("POST /api/v1/write"));
}

TEST_F(WritePassageTest, MoreThanMayBeHeldIsRefusedAtOnce) {
  put_config("- {url: 'http://hub/w', max_held_bytes: 100}\n");
  start();
  Written& small = write({-10});
  EXPECT_EQ(small.status(), 0);
  Written& large = write({-100, -90, -80, -70, -60, -50, -40});
  EXPECT_EQ(large.status(), 503);
  EXPECT_THAT(large.text(), HasSubstr("max_held_bytes"));
  EXPECT_EQ(small.status(), 0);
}

TEST_F(WritePassageTest, WhoAnnouncesMuchAndSendsNothingKeepsNobodyOut) {
  put_config("- {url: 'http://hub/w', max_held_bytes: 1000}\n");
  start();
  auto [near, far] = net::memory_stream_pair(receiver_.io.get_executor(), receiver_.clock);
  server_->serve(std::move(far));
  const std::string head = "POST /api/v1/write HTTP/1.1\r\nHost: a\r\nContent-Length: 999\r\n\r\nx";
  ASSERT_TRUE(near->try_write(std::array{asio::const_buffer(head.data(), head.size())}));
  pass();
  EXPECT_EQ(gate_->status().outlets[0].held_bytes, 1u);
  EXPECT_EQ(write({-10}).status(), 0);
  EXPECT_EQ(gate_->status().outlets[0].held_requests, 2u);
}

// It may have been frozen: 4xx would have it drop the samples.
TEST_F(WritePassageTest, PrometheusThatIsTooSlowIsToSendItAgain) {
  start();
  auto [near, far] = net::memory_stream_pair(receiver_.io.get_executor(), receiver_.clock);
  server_->serve(std::move(far));
  const std::string head = "POST /api/v1/write HTTP/1.1\r\nHost: a\r\nContent-Length: 999\r\n\r\nx";
  ASSERT_TRUE(near->try_write(std::array{asio::const_buffer(head.data(), head.size())}));
  pass(10s);
  std::array<char, 100> answer{};
  const Result<std::size_t> bytes = near->try_read(answer);
  ASSERT_TRUE(bytes);
  EXPECT_THAT(std::string(answer.data(), *bytes), StartsWith("HTTP/1.1 503"));
}

TEST_F(WritePassageTest, WhatIsNoRemoteWriteIsRefusedAsPrometheusRefusesIt) {
  start();
  EXPECT_EQ(send({.method = "GET", .target = "/api/v1/write"}).status(), 405);
  EXPECT_EQ(write_body("damaged").status(), 400);
  http::Request json{.method = "POST", .target = "/api/v1/write", .body = "{}"};
  json.fields.add("Content-Type", "application/json");
  EXPECT_EQ(send(json).status(), 415);
}

TEST_F(WritePassageTest, UnknownPathNamesTheKnownOnes) {
  start();
  Written& written = write_body(body_of({-10}), Version::v1, "/api/v1/receive");
  EXPECT_EQ(written.status(), 404);
  EXPECT_THAT(written.text(), HasSubstr("/api/v1/write"));
}

TEST_F(WritePassageTest, PrometheusThatGivesUpWhileItIsHeldLeavesNothingBehind) {
  start();
  auto [near, far] = net::memory_stream_pair(receiver_.io.get_executor(), receiver_.clock);
  server_->serve(std::move(far));
  say(*near, body_of({-10}));
  EXPECT_EQ(gate_->status().outlets[0].held_requests, 1u);
  near.reset();
  pass();
  EXPECT_EQ(gate_->status().outlets[0].held_requests, 0u);
}

TEST_F(WritePassageTest, ProcessThatEndsBeforeItsSuccessorTellsItsStartTimeHasNothingPassedOn) {
  prometheus_.start_time_takes = 1s;
  start();
  lead();
  heard(0);
  auto [near, far] = net::memory_stream_pair(receiver_.io.get_executor(), receiver_.clock);
  server_->serve(std::move(far));
  say(*near, body_of({-10}));
  near.reset();
  pass(1s);
  EXPECT_EQ(heard(0), "");
}

}  // namespace
}  // namespace promfleet::elector
