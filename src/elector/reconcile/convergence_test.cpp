#include "elector/reconcile/convergence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace promfleet::elector {
namespace {

using Kind = ReloadAnswer::Kind;
using Outcome = Convergence::Outcome;

Goal goal(Role role, const char* text) {
  return {.role = role, .text = std::make_shared<const std::string>(text), .rules_version = 0};
}

const Goal kFollower = goal(Role::follower, "follower");
const Goal kLeader = goal(Role::leader, "leader");
const Goal kBrokenFollower = goal(Role::follower, "broken follower");

// Does what the convergence asks for, with a Prometheus that answers as the test says.
struct ConvergenceTest : testing::Test {
  std::string step() const {
    const Convergence::Step next = convergence.next(now);
    if (const auto* write = std::get_if<Convergence::Write>(&next)) return "write " + *write->goal.text;
    if (std::holds_alternative<Convergence::Reload>(next)) return "reload";
    const BootTime until = std::get<Convergence::Wait>(next).until;
    return until == kNever ? "wait" : fmt::format("wait {}s", to_seconds(until - now));
  }
  void write() { convergence.wrote(std::get<Convergence::Write>(convergence.next(now)).goal); }
  void send() { convergence.reload_sent(now); }
  Outcome answer(Kind kind) { return convergence.reload_answered({.kind = kind, .detail = ""}, now); }
  Outcome write_and_reload(Kind kind) {
    if (step() != "reload") write();
    EXPECT_EQ(step(), "reload");
    send();
    return answer(kind);
  }
  void arrive_at(const Goal& wanted) {
    convergence.aim(wanted, now);
    EXPECT_EQ(write_and_reload(Kind::applied), Outcome::confirmed);
  }

  BootTime now = BootTime(1h);
  Convergence convergence{
      {.attempts = 3, .retry_delay = 10s, .round_delay_max = 60s, .leader_round_max = 30s, .unanswered_delay = 200ms}};
};

TEST_F(ConvergenceTest, NothingIsDoneWithoutAGoal) {
  EXPECT_EQ(step(), "wait");
}

TEST_F(ConvergenceTest, RoleWithTheSameTextNeedsNoReload) {
  arrive_at(kFollower);
  const Goal leader = goal(Role::leader, "follower");
  convergence.aim(leader, now);
  EXPECT_EQ(step(), "wait");
  EXPECT_TRUE(convergence.has_arrived());
  EXPECT_TRUE(convergence.is_settled());
  EXPECT_EQ(convergence.confirmed(), leader);
}

TEST_F(ConvergenceTest, SameTextIsReloadedAllTheSameWhileItIsNotConfirmed) {
  convergence.aim(kFollower, now);
  write();
  convergence.aim(goal(Role::leader, "follower"), now);
  EXPECT_EQ(step(), "write follower");
}

TEST_F(ConvergenceTest, FileIsWrittenThenReloadedThenConfirmed) {
  convergence.aim(kFollower, now);
  EXPECT_EQ(step(), "write follower");
  write();
  EXPECT_EQ(step(), "reload");
  send();
  EXPECT_EQ(step(), "wait");
  EXPECT_EQ(answer(Kind::applied), Outcome::confirmed);
  EXPECT_TRUE(convergence.has_arrived());
  EXPECT_EQ(step(), "wait");
}

TEST_F(ConvergenceTest, SameGoalAgainChangesNothing) {
  arrive_at(kFollower);
  convergence.aim(goal(Role::follower, "follower"), now);
  EXPECT_TRUE(convergence.has_arrived());
  EXPECT_EQ(step(), "wait");
}

TEST_F(ConvergenceTest, ChangedRulesReloadTheSameText) {
  arrive_at(kFollower);
  Goal changed = kFollower;
  changed.rules_version = 1;
  convergence.aim(changed, now);
  EXPECT_EQ(write_and_reload(Kind::applied), Outcome::confirmed);
  EXPECT_TRUE(convergence.has_arrived());
}

TEST_F(ConvergenceTest, NewRoleIsWrittenWhileAReloadIsOutstandingAndReloadedAfterIt) {
  arrive_at(kFollower);
  convergence.aim(kLeader, now);
  write();
  send();
  convergence.aim(kFollower, now);
  EXPECT_EQ(step(), "write follower");
  write();
  EXPECT_EQ(step(), "wait");
  EXPECT_EQ(answer(Kind::applied), Outcome::superseded);
  EXPECT_EQ(convergence.confirmed(), std::nullopt);
  EXPECT_EQ(step(), "reload");
  send();
  EXPECT_EQ(answer(Kind::applied), Outcome::confirmed);
  EXPECT_EQ(convergence.confirmed(), kFollower);
}

TEST_F(ConvergenceTest, AnswerToWhatIsNoLongerWantedDelaysNothing) {
  convergence.aim(kLeader, now);
  write();
  send();
  convergence.aim(kFollower, now);  // not yet written when the answer comes
  EXPECT_EQ(answer(Kind::rejected), Outcome::superseded);
  EXPECT_EQ(step(), "write follower");
}

TEST_F(ConvergenceTest, FailedAttemptsAreRepeatedAfterTheRetryDelay) {
  convergence.aim(kLeader, now);
  EXPECT_EQ(write_and_reload(Kind::refused), Outcome::failed);
  EXPECT_EQ(step(), "wait 10s");
  now += 10s;
  EXPECT_EQ(write_and_reload(Kind::rejected), Outcome::failed);
  now += 10s;
  EXPECT_EQ(write_and_reload(Kind::rejected), Outcome::round_failed);
}

TEST_F(ConvergenceTest, LeadersRoundEndsInTimeForOthersToLeadInstead) {
  convergence = Convergence({.attempts = 5, .retry_delay = 10s, .leader_round_max = 15s});
  convergence.aim(kLeader, now);
  EXPECT_EQ(write_and_reload(Kind::rejected), Outcome::failed);
  now += 10s;
  EXPECT_EQ(write_and_reload(Kind::rejected), Outcome::round_failed);
  convergence.aim(kFollower, now);
  for (int attempt = 1; attempt < 5; ++attempt) {
    EXPECT_EQ(write_and_reload(Kind::refused), Outcome::failed);
    now += 10s;
  }
}

TEST_F(ConvergenceTest, PrometheusThatEndsDuringTheReloadIsSoonSeenToBeGone) {
  arrive_at(kLeader);
  convergence.aim(kFollower, now);
  EXPECT_EQ(write_and_reload(Kind::unanswered), Outcome::failed);
  EXPECT_EQ(step(), "wait 0.2s");
  now += 200ms;
  EXPECT_EQ(write_and_reload(Kind::not_listening), Outcome::confirmed);
  EXPECT_EQ(convergence.confirmed(), kFollower);
}

TEST_F(ConvergenceTest, RoundsGoOnFurtherAndFurtherApartUpToTheLimit) {
  convergence.aim(kFollower, now);
  std::vector<std::string> waits;
  for (int round = 0; round < 5; ++round) {
    for (int attempt = 0; attempt < 3; ++attempt) {
      write_and_reload(Kind::refused);
      const BootTime retry = std::get<Convergence::Wait>(convergence.next(now)).until;
      if (attempt == 2) waits.push_back(step());
      now = retry;
    }
  }
  EXPECT_THAT(waits, testing::ElementsAre("wait 10s", "wait 20s", "wait 40s", "wait 60s", "wait 60s"));
}

TEST_F(ConvergenceTest, NewGoalDoesNotWaitForTheRetryOfTheOld) {
  convergence.aim(kLeader, now);
  write_and_reload(Kind::rejected);
  convergence.aim(kFollower, now);
  EXPECT_EQ(step(), "write follower");
}

TEST_F(ConvergenceTest, RejectedTextGivesWayToTheLastGoodOneOfItsRole) {
  arrive_at(kFollower);
  convergence.aim(kBrokenFollower, now);
  EXPECT_EQ(write_and_reload(Kind::rejected), Outcome::failed);
  EXPECT_EQ(step(), "write follower");
  EXPECT_EQ(write_and_reload(Kind::applied), Outcome::confirmed);
  EXPECT_EQ(convergence.confirmed(), kFollower);
  EXPECT_FALSE(convergence.has_arrived());
  EXPECT_EQ(step(), "wait 10s");
  now += 10s;
  EXPECT_EQ(step(), "write broken follower");
}

TEST_F(ConvergenceTest, DemotionIntoABrokenTextIsConfirmedByTheLastGoodFollower) {
  arrive_at(kFollower);
  arrive_at(kLeader);
  convergence.aim(kBrokenFollower, now);
  write_and_reload(Kind::rejected);
  EXPECT_EQ(write_and_reload(Kind::applied), Outcome::confirmed);
  EXPECT_EQ(convergence.confirmed()->role, Role::follower);
}

TEST_F(ConvergenceTest, RejectedTextThatHealsIsConfirmedLater) {
  arrive_at(kFollower);
  convergence.aim(kBrokenFollower, now);
  write_and_reload(Kind::rejected);
  write_and_reload(Kind::applied);
  now += 10s;
  EXPECT_EQ(write_and_reload(Kind::applied), Outcome::confirmed);
  EXPECT_TRUE(convergence.has_arrived());
  EXPECT_EQ(step(), "wait");
}

TEST_F(ConvergenceTest, LastGoodTextThatFailsTooIsNotTriedInALoop) {
  arrive_at(kFollower);
  convergence.aim(kBrokenFollower, now);
  write_and_reload(Kind::rejected);
  write_and_reload(Kind::rejected);
  EXPECT_EQ(step(), "wait 10s");
}

TEST_F(ConvergenceTest, RejectedLeaderIsNotReplacedByAFollower) {
  arrive_at(kFollower);
  convergence.aim(kLeader, now);
  EXPECT_EQ(write_and_reload(Kind::rejected), Outcome::failed);
  EXPECT_EQ(step(), "wait 10s");
}

TEST_F(ConvergenceTest, FollowerFileWithoutAPrometheusIsACompletedDemotion) {
  arrive_at(kLeader);
  convergence.aim(kFollower, now);
  EXPECT_EQ(write_and_reload(Kind::not_listening), Outcome::confirmed);
  EXPECT_TRUE(convergence.has_arrived());
}

TEST_F(ConvergenceTest, LeaderFileWithoutAPrometheusIsNoPromotion) {
  arrive_at(kFollower);
  convergence.aim(kLeader, now);
  EXPECT_EQ(write_and_reload(Kind::not_listening), Outcome::failed);
}

TEST_F(ConvergenceTest, FileChangedBySomeoneElseIsWrittenAndReloadedAgain) {
  arrive_at(kFollower);
  convergence.lost_file();
  EXPECT_EQ(step(), "write follower");
  EXPECT_EQ(write_and_reload(Kind::applied), Outcome::confirmed);
}

TEST_F(ConvergenceTest, DemotionWhoseNewTextCannotBeWrittenIsDoneWithTheLastGoodOne) {
  arrive_at(kFollower);
  arrive_at(kLeader);
  const Goal changed = goal(Role::follower, "changed follower");
  convergence.aim(changed, now);
  EXPECT_EQ(convergence.write_failed(changed, now), Outcome::failed);
  EXPECT_EQ(step(), "write follower");
  EXPECT_EQ(write_and_reload(Kind::applied), Outcome::confirmed);
  EXPECT_EQ(step(), "wait 10s");
  now += 10s;
  EXPECT_EQ(step(), "write changed follower");
}

TEST_F(ConvergenceTest, WriteThatFailsWhileTheLastGoodTextIsInForceIsTriedAgain) {
  arrive_at(kLeader);
  const Goal changed = goal(Role::leader, "changed leader");
  convergence.aim(changed, now);
  convergence.write_failed(changed, now);
  EXPECT_EQ(step(), "wait 10s");
  now += 10s;
  EXPECT_EQ(step(), "write changed leader");
}

TEST_F(ConvergenceTest, FailedWriteIsRetriedAfterTheDelay) {
  convergence.aim(kFollower, now);
  EXPECT_EQ(convergence.write_failed(kFollower, now), Outcome::failed);
  EXPECT_EQ(step(), "wait 10s");
  now += 10s;
  EXPECT_EQ(step(), "write follower");
}

TEST_F(ConvergenceTest, FailedWriteOfWhatIsNoLongerWantedDelaysNothing) {
  convergence.aim(kLeader, now);
  convergence.aim(kFollower, now);
  EXPECT_EQ(convergence.write_failed(kLeader, now), Outcome::superseded);
  EXPECT_EQ(step(), "write follower");
}

}  // namespace
}  // namespace promfleet::elector
