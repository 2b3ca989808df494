// Terms, fences and what the gate tells; the way of single requests is in write_passage_test.cpp.
#include "elector/gate/gate.h"

#include <gmock/gmock.h>

#include "elector/gate/gate_testing.h"

namespace promfleet::elector {
namespace {

using election::Reason;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr std::string_view kFenced = R"({"code": "fenced", "token": 9, "error": "a later leader"})";
// Files are written on another thread.
class SlowDiskGateTest : public GateTest {
 protected:
  SlowDiskGateTest() : GateTest(1) {}

  void begin_term(std::uint64_t token) {
    gate_->open({.acquire_time = {}, .token = election::FencingToken(token)}, Reason::acquired);
    receiver_.io.restart();
  }
  bool comes_to_be_saved(std::uint64_t token) {
    do {
      const auto saved = origin_file_.load();
      if (saved && *saved && (*saved)->token.value() == token) return true;
    } while (receiver_.io.run_one_for(2s) > 0);
    return false;
  }
};

constexpr std::string_view kFenceFirst = R"({"code": "fence_first", "token": null, "error": "no fence"})";

TEST_F(GateTest, FencesBeforeAnythingPasses) {
  start();
  open();
  EXPECT_THAT(heard(0), AllOf(StartsWith("POST /api/v1/fleet/g/fence HTTP/1.1\r\n"), HasSubstr(R"({"token":7})")));
  Written& written = write({-10});
  EXPECT_EQ(heard(0), "");
  receiver_.answer(0, 200, R"({"token": 7, "watermarks": {}})");
  EXPECT_THAT(heard(0), StartsWith("POST /api/v1/write HTTP/1.1\r\n"));
  receiver_.answer(0, 204, "");
  EXPECT_EQ(written.status(), 204);
}

TEST_F(GateTest, PromotionPassesOnWhatWasHeldWithoutAWordOfPrometheus) {
  start();
  Written& written = write({-10});
  pass(3s);
  lead();
  EXPECT_THAT(heard(0), StartsWith("POST /api/v1/write"));
  receiver_.answer(0, 204, "");
  EXPECT_EQ(written.status(), 204);
}

TEST_F(GateTest, FenceNamesTheProcessThatTheTermIsBoundTo) {
  start();
  write({-10});
  open();
  EXPECT_THAT(heard(0), HasSubstr(R"({"token":7,"source":"a/2026-01-01T00%3A00%3A00Z"})"));
}

TEST_F(GateTest, FenceNamesNobodyBeforePrometheusHasCome) {
  start();
  open();
  EXPECT_THAT(heard(0), HasSubstr(R"({"token":7})"));
}

TEST_F(GateTest, FenceIsAskedForAgainWhileItIsNotAnswered) {
  start();
  open();
  receiver_.answer(0, 503, "starting");
  heard(0);
  pass(30ms);
  EXPECT_THAT(heard(0), StartsWith("POST /api/v1/fleet/g/fence"));
  receiver_.answer(0, 429, "", "Retry-After: 2\r\n");
  pass(1900ms);
  EXPECT_EQ(heard(0), "");
  pass(100ms);
  EXPECT_THAT(heard(0), StartsWith("POST /api/v1/fleet/g/fence"));
}

TEST_F(GateTest, ReceiverThatKnowsNoFencesGetsItsWritesAllTheSame) {
  start();
  open();
  receiver_.answer(0, 404, "404 page not found");
  heard(0);
  write({-10});
  EXPECT_THAT(heard(0), HasSubstr("X-Promfleet-Token: 7\r\n"));
  EXPECT_EQ(gate_->status().outlets[0].receiver, ReceiverKind::foreign);
}

TEST_F(GateTest, FenceThatIsAskedForAgainAndAgainIsToldOnce) {
  start();
  open();
  receiver_.answer(0, 404, "404 page not found");
  write({-10});
  for (int round = 0; round < 3; ++round) {
    receiver_.answer(0, 428, kFenceFirst);
    receiver_.answer(0, 404, "404 page not found");
    pass(1s);
  }
  receiver_.answer(0, 204, "");
  const auto times_told = [this] {
    std::size_t times = 0;
    const std::string_view words = "opens; the destination knows no fences";
    for (std::size_t at = 0; (at = sink_.text.find(words, at)) != std::string::npos; ++at) ++times;
    return times;
  };
  EXPECT_EQ(times_told(), 1u);
  close();
  open(8);
  receiver_.answer(0, 404, "404 page not found");
  EXPECT_EQ(times_told(), 2u);
}

TEST_F(GateTest, EachTermAsksTheReceiverForVersion2Again) {
  start();
  lead();
  write_body(body_of({-20}, Version::v2), Version::v2);
  receiver_.answer(0, 415, "unsupported");
  receiver_.answer(0, 204, "");
  close();
  open(8);
  receiver_.answer(0, 200, R"({"token": 8, "watermarks": {}})");
  heard(0);
  write_body(body_of({-10}, Version::v2), Version::v2);
  EXPECT_THAT(heard(0), HasSubstr("proto=io.prometheus.write.v2.Request"));
}

TEST_F(GateTest, YieldLetsRequestsThatWereHeldLookAgainAtOnce) {
  start();
  open();
  Written& written = write({-100'000});
  hear(0);
  EXPECT_EQ(written.status(), 0) << "the destination may lack it, as long as it has not been fenced";
  open(8, Reason::resumed);
  EXPECT_THAT(told_, ElementsAre("yields source_restarted"));
  EXPECT_EQ(written.status(), 204);
}

// The second term begins after each number of steps of the io thread; one of them has just handed the file to the pool.
TEST_F(SlowDiskGateTest, TermThatBeginsWhileTheLastOnesOriginIsSavedIsSavedToo) {
  start();
  write({-10});
  for (std::uint64_t steps = 0; steps < 20; ++steps) {
    begin_term(100 + (2 * steps));
    for (std::uint64_t step = 0; step < steps; ++step) receiver_.io.poll_one();
    begin_term(101 + (2 * steps));
    EXPECT_TRUE(comes_to_be_saved(101 + (2 * steps))) << "after " << steps << " steps";
  }
}

TEST_F(GateTest, LaterLeaderShutsTheGateForTheTermAndNothingIsDropped) {
  start();
  open();
  receiver_.answer(0, 412, kFenced);
  heard(0);
  Written& written = write({-10});
  pass(24s);
  EXPECT_EQ(heard(0), "");
  EXPECT_EQ(gate_->status().outlets[0].state, DestinationGate::State::shut_out);
  pass(1s);
  EXPECT_EQ(written.status(), 503);
  close();
  open(10);
  EXPECT_THAT(heard(0), HasSubstr(R"({"token":10,)"));
}

TEST_F(GateTest, WriteThatIsFencedIsHeld) {
  start();
  lead();
  Written& written = write({-10});
  heard(0);
  receiver_.answer(0, 412, kFenced);
  EXPECT_EQ(written.status(), 0);
  EXPECT_EQ(gate_->status().outlets[0].state, DestinationGate::State::shut_out);
  EXPECT_THAT(sink_.text, HasSubstr("has heard of a later leader"));
}

TEST_F(GateTest, WriteOfATermThatIsOverMayBeFencedWithoutAlarm) {
  start();
  lead();
  heard(0);
  write({-10});
  close();
  receiver_.answer(0, 412, kFenced);
  EXPECT_THAT(told_, ElementsAre("closed"));
  EXPECT_THAT(sink_.text, testing::Not(HasSubstr("has heard of a later leader")));
}

TEST_F(GateTest, ReceiverThatForgotTheFenceIsFencedAgainAndGetsTheSameWrite) {
  start();
  lead();
  Written& written = write({-10});
  const std::string first = heard(0);
  receiver_.answer(0, 428, kFenceFirst);
  EXPECT_THAT(heard(0), StartsWith("POST /api/v1/fleet/g/fence"));
  receiver_.answer(0, 200, R"({"token": 7, "watermarks": {}})");
  pass(30ms);
  EXPECT_EQ(heard(0), first);
  receiver_.answer(0, 204, "");
  EXPECT_EQ(written.status(), 204);
}

TEST_F(GateTest, FencesWatermarkIsWhereTheStreamStands) {
  start();
  open();
  receiver_.answer(0, 200, fmt::format(R"({{"token": 7, "watermarks": {{"/api/v1/write": {}, "x": 1}}}})", now_ms()));
  EXPECT_EQ(gate_->status().outlets[0].watermark_ms, now_ms());
}

TEST_F(GateTest, ClosesWhenNothingIsOnItsWay) {
  start();
  lead();
  Written& written = write({-10});
  close();
  EXPECT_THAT(told_, IsEmpty());
  receiver_.answer(0, 204, "");
  EXPECT_THAT(told_, ElementsAre("closed"));
  EXPECT_EQ(written.status(), 204);
  EXPECT_EQ(gate_->status().outlets[0].watermark_ms, now_ms() - 10);
}

TEST_F(GateTest, WaitsNoLongerThanASecondForWhatIsOnItsWay) {
  start();
  lead();
  Written& written = write({-10});
  close();
  pass(999ms);
  EXPECT_THAT(told_, IsEmpty());
  pass(1ms);
  EXPECT_THAT(told_, ElementsAre("closed"));
  EXPECT_EQ(written.status(), 0) << "held, as a follower's";
}

TEST_F(GateTest, WithoutAuthorityNothingMayStillBeOnItsWay) {
  start();
  lead();
  write({-10});
  close(Reason::authority_lost);
  EXPECT_THAT(told_, ElementsAre("closed"));
}

TEST_F(GateTest, AuthorityIsAskedForAtTheMomentOfSending) {
  start();
  lead();
  heard(0);
  has_authority_ = false;  // frozen past it: the election has not been told yet
  write({-10});
  EXPECT_EQ(heard(0), "");
}

TEST_F(GateTest, OtherProcessOfPrometheusEndsTheTermBeforeAnythingOfItPasses) {
  start();
  lead();
  write({-10});
  heard(0);
  receiver_.answer(0, 204, "");
  restart_prometheus("2026-01-01T00:05:00Z");
  Written& written = write({10});
  EXPECT_EQ(heard(0), "");
  EXPECT_THAT(told_, ElementsAre("yields source_restarted"));
  EXPECT_EQ(gate_->status().outlets[0].watermark_ms, now_ms() - 10);
  close(Reason::source_restarted);
  open(8);
  heard(0);
  receiver_.answer(0, 200, R"({"token": 8, "watermarks": {}})");
  EXPECT_THAT(heard(0), HasSubstr("X-Promfleet-Token: 8\r\n"));
  receiver_.answer(0, 204, "");
  EXPECT_EQ(written.status(), 204) << "nobody else came";
}

TEST_F(GateTest, NewConnectionOfTheSameProcessIsNoRestart) {
  start();
  lead();
  write({-10});
  heard(0);
  receiver_.answer(0, 204, "");
  connect_anew();
  write({10});
  EXPECT_THAT(heard(0), StartsWith("POST /api/v1/write"));
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(GateTest, FollowerWhosePrometheusIsGoneHasNothingToOfferUntilAnotherCame) {
  start();
  auto [near, far] = net::memory_stream_pair(receiver_.io.get_executor(), receiver_.clock);
  server_->serve(std::move(far));
  hear(0);
  say(*near, body_of({-70'000}));
  EXPECT_EQ(handicaps_.back(), 0s);
  near.reset();
  pass();
  EXPECT_EQ(handicaps_.back(), 15s);
  lead();
  restart_prometheus("2026-01-01T00:05:00Z");
  heard(0);
  write({10});
  EXPECT_THAT(heard(0), StartsWith("POST /api/v1/write")) << "the term is bound to the process that it began with";
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(GateTest, PrometheusThatDoesNotTellItsStartTimeIsHeldAndAskedAgain) {
  prometheus_.start_time = fail(Errc::unavailable, "503 starting");
  start();
  lead();
  heard(0);
  Written& written = write({-10});
  EXPECT_EQ(heard(0), "");
  prometheus_.start_time = std::string("2026-01-01T00:00:00Z");
  pass(200ms);
  EXPECT_THAT(heard(0), StartsWith("POST /api/v1/write"));
  receiver_.answer(0, 204, "");
  EXPECT_EQ(written.status(), 204);
}

TEST_F(GateTest, TermGoesOnAfterARestartOfTheSidecarWithTheSamePrometheus) {
  ASSERT_TRUE(files_.replace("/gate-state", R"({"token":7,"prometheusStartTime":"2026-01-01T00:00:00Z"})", 0600));
  start();
  open(7, Reason::resumed);
  receiver_.answer(0, 200, R"({"token": 7, "watermarks": {}})");
  heard(0);
  write({-10});
  EXPECT_THAT(heard(0), StartsWith("POST /api/v1/write"));
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(GateTest, TermDoesNotGoOnWithAnotherPrometheus) {
  ASSERT_TRUE(files_.replace("/gate-state", R"({"token":7,"prometheusStartTime":"2025-12-31T00:00:00Z"})", 0600));
  start();
  open(7, Reason::resumed);
  receiver_.answer(0, 200, R"({"token": 7, "watermarks": {}})");
  heard(0);
  write({-10});
  EXPECT_EQ(heard(0), "");
  EXPECT_THAT(told_, ElementsAre("yields source_restarted"));
}

TEST_F(GateTest, TermDoesNotGoOnWithoutAProofOfItsPrometheus) {
  ASSERT_TRUE(files_.replace("/gate-state", R"({"token":6,"prometheusStartTime":"2026-01-01T00:00:00Z"})", 0600));
  start();
  open(7, Reason::resumed);
  EXPECT_THAT(told_, ElementsAre("yields source_restarted"));
}

TEST_F(GateTest, RemembersThePrometheusOfATerm) {
  start();
  lead();
  write({-10});
  EXPECT_EQ(files_.read("/gate-state", 1000).value(),
            "{\"token\":7,\"prometheusStartTime\":\"2026-01-01T00:00:00Z\"}\n");
  EXPECT_EQ(files_.mode("/gate-state"), 0600u);
}

TEST_F(GateTest, FullDiskIsTriedAgainAndStopsNothing) {
  start();
  files_.fail_writes(Error(Errc::io_failed, "no space"));
  lead();
  write({-10});
  EXPECT_THAT(heard(0), HasSubstr("POST /api/v1/write"));
  files_.fail_writes(std::nullopt);
  pass(10s);
  EXPECT_THAT(files_.read("/gate-state", 1000).value(), HasSubstr("\"token\":7"));
}

TEST_F(GateTest, LeaderYieldsOnceWhenItsPrometheusLeavesSamplesOut) {
  start();
  lead();
  write({-300'000});
  receiver_.answer(0, 204, "");
  write({-100'000});
  EXPECT_THAT(told_, ElementsAre("yields source_jumped"));
}

TEST_F(GateTest, TellsUpToWhereEachStreamHasArrived) {
  start();
  EXPECT_EQ(gate_->to_tell(), std::nullopt);
  hear(-5'000);
  const GateProgress told = parse_progress(gate_->to_tell().value()).value();
  EXPECT_EQ(told.sent_ms, now_ms());
  EXPECT_THAT(told.watermarks_ms,
              ElementsAre(testing::Pair(progress_key(config_->current()->entries[0]), now_ms() - 5'000)));
}

TEST_F(GateTest, WhatIsToldOfAnotherReceiverMeansNothingHere) {
  start();
  gate_->heard(format_progress({.sent_ms = now_ms(), .watermarks_ms = {{"/api/v1/write@0123456789abcdef", now_ms()}}}));
  gate_->heard("not JSON");
  EXPECT_EQ(gate_->status().outlets[0].watermark_ms, std::nullopt);
}

TEST_F(GateTest, NothingHasArrivedOfWhatIsStillToCome) {
  start();
  hear(3'600'000);
  EXPECT_EQ(gate_->status().outlets[0].watermark_ms, now_ms());
}

TEST_F(GateTest, MeasuresHowFarTheLeadersClockIsAway) {
  start();
  hear(0);
  EXPECT_EQ(gate_->status().clock_difference_ms, std::nullopt) << "what the lease showed at first is of any age";
  gate_->heard(format_progress({.sent_ms = now_ms() - 2'500, .watermarks_ms = {}}));
  gate_->heard(format_progress({.sent_ms = now_ms() - 3'500, .watermarks_ms = {}}));
  EXPECT_EQ(gate_->status().clock_difference_ms, 2'500);
}

TEST_F(GateTest, MemberWithNothingToOfferTellsItsHandicap) {
  start();
  EXPECT_THAT(handicaps_, IsEmpty());
  hear(0);
  EXPECT_THAT(handicaps_, ElementsAre(15s));
  write({-70'000});
  EXPECT_THAT(handicaps_, ElementsAre(15s, 0s));
}

TEST_F(GateTest, EntriesOfOneDestinationAreFencedOnceAndArriveTogether) {
  put_config("- {url: 'http://hub/w', group: g, path: /0}\n- {url: 'http://hub/w', group: g, path: /1}\n");
  start();
  hear(0, 0);
  Written& first = write_body(body_of({-100'000}), Version::v1, "/0");
  EXPECT_EQ(first.status(), 0) << "the other stream has not arrived";
  hear(0, 1);
  EXPECT_EQ(first.status(), 204);
  open();
  EXPECT_THAT(heard(0), StartsWith("POST /api/v1/fleet/g/fence"));
  EXPECT_EQ(receiver_.connections(), 1u);
}

TEST_F(GateTest, StoppedGateHoldsNothing) {
  start();
  Written& written = write({-10});
  gate_->stop();
  pass();
  EXPECT_EQ(written.status(), 503);
}

}  // namespace
}  // namespace promfleet::elector
