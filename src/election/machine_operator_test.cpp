// What operators ask for, and configurations that do not load (rule 7).
#include "election/machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "election/machine_testing.h"
#include "election/records.h"

namespace promfleet::election {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;

TEST(StepDown, LeavesTheLeaseToTheOthers) {
  Group group;
  Member& a = group.leader("a");
  Member& b = group.follower("b");
  a.tell(StepDown{});
  EXPECT_THAT(a.demotions(), ElementsAre(Reason::stepped_down));
  EXPECT_TRUE(b.has_authority());
}

TEST(StepDown, OfTheOnlyMemberLastsOneLeaseDuration) {
  Group group;
  Member& a = group.leader("a");
  a.tell(StepDown{});
  group.pass(14999ms);
  EXPECT_FALSE(a.has_authority());
  group.pass(1ms);
  EXPECT_TRUE(a.has_authority());
}

TEST(StepDown, IsOverAsSoonAsAnotherLeads) {
  Group group;
  Member& a = group.leader("a");
  Member& b = group.follower("b");
  a.tell(StepDown{});
  b.tell(Stop{});
  EXPECT_TRUE(a.has_authority());
}

TEST(StepDown, OfAFollowerDoesNothing) {
  Group group;
  group.leader("a");
  Member& b = group.follower("b");
  b.forget_commands();
  b.tell(StepDown{});
  EXPECT_THAT(b.commands(), IsEmpty());
}

TEST(Yield, MakesWayForAnotherAndIsOverWhenNobodyComes) {
  Group group;
  Member& a = group.leader("a");
  a.tell(Yielded{Reason::source_restarted});
  EXPECT_THAT(a.demotions(), ElementsAre(Reason::source_restarted));
  group.pass(14999ms);
  EXPECT_FALSE(a.has_authority());
  group.pass(1ms);
  EXPECT_TRUE(a.has_authority());
}

TEST(Yield, OfAFollowerDoesNothing) {
  Group group;
  group.leader("a");
  Member& b = group.follower("b");
  b.forget_commands();
  b.tell(Yielded{Reason::source_jumped});
  EXPECT_THAT(b.commands(), IsEmpty());
}

TEST(Handicap, MemberThatHoldsLessLeavesAFreeLeaseToOneThatHoldsMore) {
  Group group;
  Member& a = group.leader("a");
  Member& b = group.follower("b");
  Member& c = group.follower("c");
  b.tell(HandicapChanged{7s});
  a.tell(StepDown{});
  EXPECT_TRUE(c.has_authority());
}

TEST(Handicap, IsWaitedOutAfterTheExpiryWhereNobodyElseComes) {
  Group group;
  Member& a = group.leader("a");
  Member& b = group.follower("b");
  b.tell(HandicapChanged{7s});
  a.freeze();
  group.pass(21999ms);
  EXPECT_FALSE(b.has_authority());
  group.pass(1ms);
  EXPECT_TRUE(b.has_authority());
}

TEST(Handicap, ThatIsLiftedNoLongerKeepsAnyoneWaiting) {
  Group group;
  Member& a = group.leader("a");
  Member& b = group.follower("b");
  b.tell(HandicapChanged{7s});
  a.freeze();
  group.pass(16s);
  b.tell(HandicapChanged{0s});
  EXPECT_TRUE(b.has_authority());
}

TEST(Handicap, DoesNotHurryAMemberThatMayNotTakeTheLease) {
  Group group;
  Member& a = group.leader("a");
  Member& b = group.follower("b");
  b.tell(HandicapChanged{7s});
  b.tell(Pause{});
  a.freeze();
  group.pass(60s);
  EXPECT_FALSE(b.has_authority());
}

TEST(Switchover, NamedMemberTakesTheLeaseAtOnce) {
  Group group;
  Member& a = group.leader("a");
  Member& b = group.follower("b");
  Member& c = group.follower("c");
  a.tell(Switchover{"c"});
  EXPECT_FALSE(b.has_authority());
  EXPECT_TRUE(c.has_authority());
  EXPECT_EQ(group.stored().record.notes, LeaseNotes{});
}

TEST(Switchover, OthersLeaveTheLeaseAloneForOneLeaseDuration) {
  Group group;
  Member& a = group.leader("a");
  Member& b = group.follower("b");
  a.tell(Switchover{"gone"});
  EXPECT_EQ(group.stored().record.notes.next_holder, "gone");
  group.pass(14999ms);
  EXPECT_FALSE(a.has_authority() || b.has_authority());
  group.pass(1ms);
  EXPECT_TRUE(a.has_authority() || b.has_authority());
}

TEST(Pause, FollowerDoesNotTakeOver) {
  Group group;
  Member& a = group.leader("a");
  Member& b = group.follower("b");
  b.tell(Pause{});
  a.tell(Stop{});
  group.pass(60s);
  EXPECT_FALSE(b.has_authority());
  b.tell(Resume{});
  EXPECT_TRUE(b.has_authority());
}

TEST(Pause, LeaderGoesOnLeading) {
  Group group;
  Member& a = group.leader("a");
  a.tell(Pause{});
  group.pass(60s);
  EXPECT_TRUE(a.has_authority());
}

TEST(Stop, OfAFollowerIsDoneAtOnce) {
  Group group;
  group.leader("a");
  Member& b = group.follower("b");
  b.tell(Stop{});
  EXPECT_THAT(b.commands_of<Finish>(), SizeIs(1));
  EXPECT_EQ(b.machine().wake_at(), kNever);
}

TEST(Stop, WithoutTheStoreGivesUpTheReleaseAfterTheRenewDeadline) {
  Group group;
  Member& a = group.leader("a");
  a.cut_off();
  a.tell(Stop{});
  group.pass(9999ms);
  EXPECT_THAT(a.commands_of<Finish>(), IsEmpty());
  group.pass(1ms);
  EXPECT_THAT(a.commands_of<Finish>(), ElementsAre(AllOf(Field(&Finish::parting, Parting::unreleased),
                                                         Field(&Finish::lease_stays_until, group.now().boot + 5s))));
}

TEST(Stop, AcquisitionThatIsNeverAnsweredMayStayUntilItExpires) {
  Group group;
  Member& a = group.follower("a");
  group.pass(14999ms);
  a.lose_answers();
  group.pass(1ms);
  const BootTime sent_at = group.now().boot;
  a.tell(Stop{});
  group.pass(10s);
  EXPECT_THAT(a.commands_of<Finish>(), ElementsAre(AllOf(Field(&Finish::parting, Parting::unreleased),
                                                         Field(&Finish::lease_stays_until, sent_at + 15s))));
}

TEST(Stop, AcquisitionThatWasUnderWayIsReleasedAgain) {
  Group group;
  Member& a = group.follower("a");
  group.pass(14999ms);
  a.lose_answers();
  group.pass(1ms);
  EXPECT_EQ(group.stored().record.spec.holder, "a");
  a.tell(Stop{});
  EXPECT_THAT(a.commands_of<Finish>(), IsEmpty());
  a.hear_again();
  group.pass(5s);
  EXPECT_TRUE(is_confirmed_release(group.stored().record));
  EXPECT_THAT(a.commands_of<Promote>(), IsEmpty());
  EXPECT_THAT(a.commands_of<Finish>(), SizeIs(1));
}

TEST(Stop, WaitsForAnUnconfirmedDemotionUntilTheLeaseHasRunOut) {
  Group group;
  Member& a = group.leader("a");
  a.hang_prometheus();
  a.tell(Stop{});
  group.pass(12s);
  EXPECT_THAT(a.commands_of<Finish>(), IsEmpty());
  group.pass(3s);
  EXPECT_THAT(a.commands_of<Finish>(), ElementsAre(Field(&Finish::parting, Parting::undemoted)));
  EXPECT_EQ(group.stored().record.spec.holder, "a");
}

TEST(Stop, AfterALateDemotionTheReleaseHasItsOwnTime) {
  Group group;
  Member& a = group.leader("a");
  a.hang_prometheus();
  a.tell(Stop{});
  group.pass(9s);
  a.cut_off();
  a.tell(Demoted{});
  group.pass(9999ms);
  EXPECT_THAT(a.commands_of<Finish>(), IsEmpty());
  group.pass(1ms);
  EXPECT_THAT(a.commands_of<Finish>(), ElementsAre(Field(&Finish::parting, Parting::in_order))) << "it has expired";
}

TEST(Stop, MemberThatNeverLedWaitsForItsPrometheusNoLongerThanTheRenewDeadline) {
  Group group;
  group.leader("a");
  Member& b = group.member("b");
  b.hang_prometheus();
  b.start();
  b.tell(Stop{});
  group.pass(9999ms);
  EXPECT_THAT(b.commands_of<Finish>(), IsEmpty());
  group.pass(1ms);
  EXPECT_THAT(b.commands_of<Finish>(), ElementsAre(Field(&Finish::parting, Parting::undemoted)));
}

// Rule 7.

class FailingLoads : public testing::Test {
 protected:
  // Lets the present term fail and returns how long the member then stands back.
  Duration fail() {
    a_.tell(PromotionFailed{config_});
    EXPECT_EQ(a_.demotions().back(), Reason::load_failed);
    a_.tell(Demoted{});
    const BootTime since = group_.now().boot;
    while (!a_.has_authority()) group_.pass(1s);
    return group_.now().boot - since;
  }

  Group group_;
  Member& a_ = group_.leader("a");
  ConfigHash config_{7};

  void SetUp() override {
    a_.tell(ConfigChanged{config_});
    a_.hang_prometheus();
  }
};

TEST_F(FailingLoads, MemberStandsBackTwiceAsLongEachTimeUpToTenMinutes) {
  std::vector<Duration> stood_back;
  for (int failures = 0; failures < 8; ++failures) stood_back.push_back(fail());
  EXPECT_THAT(stood_back, ElementsAre(15s, 30s, 60s, 120s, 240s, 480s, 600s, 600s));
}

TEST_F(FailingLoads, NewContentEndsTheStandBack) {
  fail();
  a_.tell(PromotionFailed{config_});
  a_.tell(Demoted{});
  EXPECT_FALSE(a_.has_authority());
  a_.tell(ConfigChanged{ConfigHash(8)});
  EXPECT_TRUE(a_.has_authority());
}

TEST_F(FailingLoads, ContentThatLoadedMeanwhileBeginsAnew) {
  fail();
  a_.tell(Promoted{config_});
  EXPECT_EQ(fail(), 15s);
}

TEST_F(FailingLoads, FailureOfOldContentIsNoMatter) {
  a_.tell(ConfigChanged{ConfigHash(8)});
  a_.tell(PromotionFailed{config_});
  EXPECT_TRUE(a_.has_authority());
}

TEST(LoadingLeader, WhoseFirstConfigurationHangsForALeaseDurationYields) {
  Group group;
  Member& a = group.follower("a");
  a.hang_prometheus();
  group.pass(15s);
  ASSERT_TRUE(a.has_authority());
  group.pass(14999ms);
  EXPECT_TRUE(a.has_authority());
  group.pass(1ms);
  EXPECT_THAT(a.demotions(), Contains(Reason::load_failed));
}

// The older one writes on, and a demotion would hang or fail in the same way.
TEST_F(FailingLoads, LeaderWhoseNewConfigurationHangsOrCannotBeWrittenGoesOnWithTheOlder) {
  group_.pass(60s);
  EXPECT_TRUE(a_.has_authority());
  EXPECT_THAT(a_.demotions(), IsEmpty());
}

TEST_F(FailingLoads, LeaderWhoRunsAnOlderConfigurationYieldsOnceForTheSameContent) {
  fail();
  a_.tell(Promoted{ConfigHash(6)});
  a_.tell(PromotionFailed{config_});
  group_.pass(60s);
  EXPECT_TRUE(a_.has_authority());
  a_.tell(ConfigChanged{ConfigHash(8)});
  a_.tell(PromotionFailed{ConfigHash(8)});
  EXPECT_FALSE(a_.has_authority());
}

TEST_F(FailingLoads, AnotherMemberMayTryMeanwhile) {
  Member& b = group_.follower("b");
  a_.tell(PromotionFailed{config_});
  a_.tell(Demoted{});
  EXPECT_TRUE(b.has_authority());
}

TEST(Transitions, AreToldOnceEach) {
  Group group;
  Member& a = group.leader("a");
  Member& b = group.follower("b");
  b.forget_commands();
  group.pass(10s);
  a.tell(StepDown{});
  std::vector<std::string> told;
  for (const Transition& transition : b.commands_of<Transition>()) {
    told.push_back(transition.holder + " " + std::string(to_string(transition.reason)));
  }
  EXPECT_THAT(told, ElementsAre(" released", "b acquired"));
}

TEST(Transitions, OwnDemotionSaysWhy) {
  Group group;
  Member& a = group.leader("a");
  a.tell(HealthChanged{Health::unfit});
  std::vector<std::string> told;
  for (const Transition& transition : a.commands_of<Transition>()) {
    told.push_back(transition.holder + " " + std::string(to_string(transition.reason)));
  }
  EXPECT_THAT(told, ElementsAre("a unhealthy", " released"));
}

// Polling and patience with the store.

TEST(Polling, FollowerThatHearsNothingAsksEveryOneAndAHalfRetryPeriods) {
  Group group;
  group.leader("a").freeze();
  Member& b = group.follower("b");
  b.forget_commands();
  group.pass(12s);
  EXPECT_THAT(b.commands_of<ReadLease>(), SizeIs(4));
}

TEST(Polling, FollowerThatWatchesALivingLeaderDoesNotAsk) {
  Group group;
  group.leader("a");
  Member& b = group.follower("b");
  b.forget_commands();
  group.pass(60s);
  EXPECT_THAT(b.commands_of<ReadLease>(), IsEmpty());
}

TEST(Polling, StoreThatRefusesWithoutAReasonIsAskedOncePerRetryPeriod) {
  Group group;
  Member& a = group.leader("a");
  a.cut_off();
  a.forget_commands();
  for (int second = 0; second < 8; ++second) {
    group.pass(1s);
    if (const auto updates = a.commands_of<UpdateLease>(); !updates.empty()) {
      a.tell(WriteRefused{updates.back().attempt, Refusal::conflict});
    }
    if (const auto reads = a.commands_of<ReadLease>(); !reads.empty()) {
      a.tell(ReadAnswered{reads.back().attempt, group.stored()});
    }
  }
  EXPECT_LE(a.commands_of<UpdateLease>().size(), 4U);
  EXPECT_LE(a.commands_of<ReadLease>().size(), 4U);
}

TEST(Polling, FailedCallIsRepeatedAfterARetryPeriod) {
  Group group;
  group.leader("a").freeze();
  Member& b = group.follower("b");
  group.pass(3s);
  b.cut_off();
  b.forget_commands();
  group.pass(3s);
  ASSERT_THAT(b.commands_of<ReadLease>(), SizeIs(1));
  b.tell(CallFailed{b.commands_of<ReadLease>().back().attempt});
  group.pass(1999ms);
  EXPECT_THAT(b.commands_of<ReadLease>(), SizeIs(1));
  group.pass(1ms);
  EXPECT_THAT(b.commands_of<ReadLease>(), SizeIs(2));
}

}  // namespace
}  // namespace promfleet::election
