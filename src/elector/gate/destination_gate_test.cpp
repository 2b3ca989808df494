#include "elector/gate/destination_gate.h"

#include <limits>

#include <gtest/gtest.h>

namespace promfleet::elector {
namespace {

using State = DestinationGate::State;
using Verdict = DestinationGate::Verdict;

constexpr std::int64_t kNow = 1'000'000'000;
constexpr std::chrono::milliseconds kLateness = 90s;

BatchTimes batch(std::initializer_list<std::int64_t> times_ms) {
  remote_write::WriteRequest request;
  request.begin_series({});
  for (const std::int64_t time_ms : times_ms) request.add_sample({.timestamp_ms = time_ms});
  return *BatchTimes::of(request, kNow);
}

class DestinationGateTest : public testing::Test {
 protected:
  DestinationGateTest() { gate_.end_term(); }

  void lead() {
    gate_.begin_term();
    gate_.open();
  }
  Verdict follower_judges(const BatchTimes& times) { return gate_.judge(times, Authority::absent, kNow); }
  Verdict leader_judges(const BatchTimes& times) { return gate_.judge(times, Authority::present, kNow); }

  bool arrives(std::initializer_list<std::int64_t> times_ms) { return gate_.arrived(0, batch(times_ms), kNow); }

  DestinationGate gate_{1, kLateness};
};

TEST_F(DestinationGateTest, LeaderPassesOnOnceTheDestinationHasBeenFenced) {
  gate_.begin_term();
  EXPECT_EQ(leader_judges(batch({kNow})), Verdict::hold);
  gate_.open();
  EXPECT_EQ(leader_judges(batch({kNow})), Verdict::pass_on);
}

TEST_F(DestinationGateTest, OpenGateWithoutAuthorityHolds) {
  lead();
  EXPECT_EQ(follower_judges(batch({kNow})), Verdict::hold);
}

TEST_F(DestinationGateTest, ShutOutGateDropsNothingAndStaysShutForTheTerm) {
  lead();
  gate_.shut_out();
  gate_.open();
  EXPECT_EQ(gate_.state(), State::shut_out);
  EXPECT_EQ(leader_judges(batch({kNow})), Verdict::hold);
  gate_.end_term();
  lead();
  EXPECT_EQ(leader_judges(batch({kNow})), Verdict::pass_on);
}

TEST_F(DestinationGateTest, DestinationThatForgotTheFenceIsFencedAgainBeforeAnythingPasses) {
  lead();
  gate_.fence_again();
  EXPECT_EQ(leader_judges(batch({kNow})), Verdict::hold);
  gate_.open();
  EXPECT_EQ(leader_judges(batch({kNow})), Verdict::pass_on);
}

TEST_F(DestinationGateTest, AnswerOfAnEarlierTermOpensNothing) {
  gate_.open();
  gate_.fence_again();
  gate_.shut_out();
  EXPECT_EQ(gate_.state(), State::closed);
}

TEST_F(DestinationGateTest, FollowerHoldsWhileNothingIsKnownOfTheLeader) {
  EXPECT_EQ(follower_judges(batch({kNow - 3'600'000})), Verdict::hold);
}

TEST_F(DestinationGateTest, FollowerAcknowledgesWhatIsALatenessBehindTheWatermark) {
  gate_.heard(0, kNow);
  EXPECT_EQ(follower_judges(batch({kNow - 100'000, kNow - 90'000})), Verdict::acknowledge);
  EXPECT_EQ(follower_judges(batch({kNow - 100'000, kNow - 89'999})), Verdict::hold);
}

TEST_F(DestinationGateTest, WhoLeadsLetsNothingGoThatItHasNotPassedOn) {
  const BatchTimes old = batch({kNow - 100'000});
  gate_.heard(0, kNow);
  gate_.begin_term();
  EXPECT_EQ(leader_judges(old), Verdict::hold);
  gate_.open();
  EXPECT_EQ(follower_judges(old), Verdict::hold) << "its authority has run out, and it has not been told";
  gate_.shut_out();
  EXPECT_EQ(leader_judges(old), Verdict::hold);
  gate_.end_term();
  EXPECT_EQ(follower_judges(old), Verdict::acknowledge);
}

TEST_F(DestinationGateTest, AfterARestartNothingIsLetGoBeforeTheTermIsKnownToBeOver) {
  DestinationGate restarted(1, kLateness);
  restarted.heard(0, kNow);
  EXPECT_EQ(restarted.judge(batch({kNow - 100'000}), Authority::absent, kNow), Verdict::hold);
  restarted.end_term();
  EXPECT_EQ(restarted.judge(batch({kNow - 100'000}), Authority::absent, kNow), Verdict::acknowledge);
}

TEST_F(DestinationGateTest, WatermarkIsTheHighestLowestTimeAndNeverFalls) {
  lead();
  gate_.stored(0, batch({kNow - 50, kNow}), kNow);
  EXPECT_EQ(gate_.watermark_ms(0), kNow - 50);
  gate_.stored(0, batch({kNow - 400, kNow}), kNow);
  gate_.heard(0, kNow - 1'000);
  EXPECT_EQ(gate_.watermark_ms(0), kNow - 50);
}

TEST_F(DestinationGateTest, WatermarkIsNeverAheadOfTheClock) {
  lead();
  gate_.stored(0, batch({kNow + 3'000}), kNow);
  EXPECT_EQ(gate_.watermark_ms(0), kNow);
}

TEST_F(DestinationGateTest, SeveralStreamsHaveArrivedWhereTheSlowestHas) {
  DestinationGate two(2, kLateness);
  two.end_term();
  two.heard(0, kNow);
  EXPECT_EQ(two.judge(batch({kNow - 200'000}), Authority::absent, kNow), Verdict::hold) << "one is not known";
  two.heard(1, kNow - 50'000);
  EXPECT_EQ(two.judge(batch({kNow - 140'000}), Authority::absent, kNow), Verdict::acknowledge);
  EXPECT_EQ(two.judge(batch({kNow - 139'999}), Authority::absent, kNow), Verdict::hold);
}

TEST_F(DestinationGateTest, TimeFarAheadOfTheClockHoldsNothingUp) {
  gate_.heard(0, kNow);
  EXPECT_EQ(follower_judges(batch({kNow - 100'000, kNow + 3'600'000})), Verdict::acknowledge);
  EXPECT_EQ(follower_judges(batch({kNow + 3'600'000})), Verdict::acknowledge);
}

TEST_F(DestinationGateTest, TimeThatWasAheadCountsWhenTheClockHasComeNear) {
  gate_.heard(0, kNow);
  const BatchTimes times = batch({kNow - 100'000, kNow + 6'000});
  EXPECT_EQ(gate_.judge(times, Authority::absent, kNow), Verdict::acknowledge);
  EXPECT_EQ(gate_.judge(times, Authority::absent, kNow + 1'000), Verdict::hold);
}

TEST_F(DestinationGateTest, StreamThatLeavesOutMoreThanALatenessHasJumpedOnce) {
  EXPECT_FALSE(arrives({kNow - 200'000}));
  EXPECT_FALSE(arrives({kNow - 110'000}));
  EXPECT_TRUE(arrives({kNow - 19'999}));
  EXPECT_FALSE(arrives({kNow - 19'999})) << "the same batch once more";
}

TEST_F(DestinationGateTest, BatchThatSpansMoreThanALatenessIsNoJump) {
  EXPECT_FALSE(arrives({kNow - 200'000}));
  EXPECT_FALSE(arrives({kNow - 190'000, kNow - 140'000, kNow - 90'000}));
  EXPECT_FALSE(arrives({kNow - 60'000, kNow}));
}

TEST_F(DestinationGateTest, JumpWithinABatchCountsOnce) {
  EXPECT_FALSE(arrives({kNow - 200'000}));
  EXPECT_TRUE(arrives({kNow - 190'000, kNow - 99'999}));
  EXPECT_FALSE(arrives({kNow - 190'000, kNow - 99'999})) << "the same batch once more";
}

TEST_F(DestinationGateTest, OldSamplesInBetweenAreNoJump) {
  EXPECT_FALSE(arrives({kNow}));
  EXPECT_FALSE(arrives({kNow - 1'800'000, kNow}));
  EXPECT_FALSE(arrives({kNow + 4'000}));
}

TEST_F(DestinationGateTest, TimeFarAheadOfTheClockIsNoJump) {
  EXPECT_FALSE(arrives({kNow}));
  EXPECT_FALSE(arrives({kNow, kNow + 3'600'000}));
  EXPECT_FALSE(arrives({kNow + 3'600'000}));
}

TEST_F(DestinationGateTest, NewProcessBeginsItsStreamsAnew) {
  arrives({kNow - 200'000});
  gate_.source_restarted();
  EXPECT_FALSE(arrives({kNow}));
}

TEST_F(DestinationGateTest, TimesAtTheEndsOfWhatANumberHoldsOverflowNothing) {
  constexpr std::int64_t kFirst = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();
  arrives({kFirst, kLast});
  arrives({kFirst});
  arrives({kLast});
  lead();
  gate_.stored(0, batch({kFirst}), kNow);
  EXPECT_LE(gate_.handicap(15s), 15s);
  gate_.end_term();
  gate_.heard(0, kLast);
  EXPECT_EQ(follower_judges(batch({kNow, kLast})), Verdict::acknowledge);
}

TEST_F(DestinationGateTest, MemberThatOffersAMinuteBeforeTheWatermarkHasNoHandicap) {
  EXPECT_EQ(gate_.handicap(15s), 0s) << "nobody has written yet";
  gate_.heard(0, kNow);
  arrives({kNow - 60'000});
  EXPECT_EQ(gate_.handicap(15s), 0s);
}

TEST_F(DestinationGateTest, HandicapGrowsWithWhatIsMissing) {
  gate_.heard(0, kNow);
  arrives({kNow});
  EXPECT_EQ(gate_.handicap(15s), 7500ms);
  arrives({kNow + 60'000});
  EXPECT_EQ(gate_.handicap(15s), 10s);
}

TEST_F(DestinationGateTest, MemberThatHasNothingToOfferWaitsOneLeaseLonger) {
  gate_.heard(0, kNow);
  EXPECT_EQ(gate_.handicap(15s), 15s);
}

TEST(DestinationGateOfShortLateness, FollowerThatHoldsAllThatItShouldHasNoHandicap) {
  DestinationGate gate(1, 3s);
  gate.heard(0, kNow);
  gate.arrived(0, batch({kNow - 2'000}), kNow);
  EXPECT_EQ(gate.handicap(15s), 0s);
}

TEST(DestinationGateOfShortLateness, HandicapGrowsWithThePartThatIsMissing) {
  DestinationGate gate(1, 3s);
  gate.heard(0, kNow);
  gate.arrived(0, batch({kNow}), kNow);
  EXPECT_EQ(gate.handicap(15s), 7500ms) << "as much is missing as should be there";
}

}  // namespace
}  // namespace promfleet::elector
