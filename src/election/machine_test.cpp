#include "election/machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "election/machine_testing.h"
#include "election/records.h"

namespace promfleet::election {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;
using testing::VariantWith;

// Rule 1: authority is a deadline.

TEST(Authority, LastsUntilTheRenewDeadlineAfterTheLastStoredRenewalWasSent) {
  Group group;
  Member& a = group.leader("a");
  group.pass(4s);  // two renewals
  a.cut_off();
  group.pass(9999ms);
  EXPECT_TRUE(a.has_authority());
  group.pass(1ms);
  EXPECT_FALSE(a.has_authority());
  EXPECT_THAT(a.demotions(), ElementsAre(Reason::authority_lost));
}

TEST(Authority, OfALeaderThatWasFrozenIsGoneWhenItWakes) {
  Group group;
  Member& a = group.leader("a");
  a.freeze();
  group.pass(16s);
  a.thaw();
  EXPECT_FALSE(a.has_authority());
  group.pass(0s);
  EXPECT_THAT(a.demotions(), ElementsAre(Reason::authority_lost));
}

TEST(Authority, DoesNotMoveWithTheWallClock) {
  Group group;
  Member& a = group.leader("a");
  a.cut_off();
  group.jump_wall_clock(-1h);
  group.pass(10s);
  EXPECT_FALSE(a.has_authority());
}

TEST(Authority, CountsFromTheSendingOfARenewalWhoseAnswerWasLost) {
  Group group;
  Member& a = group.leader("a");
  const BootTime began = group.now().boot;
  a.lose_answers();
  group.pass(9s);  // the renewal of 2 s is given up, and the lease read
  a.tell(ReadAnswered{a.commands_of<ReadLease>().back().attempt, group.stored()});
  EXPECT_EQ(a.machine().authority_until(), began + 2s + 10s);
}

TEST(Authority, CountsFromTheSendingOfARenewalThatAWatchShowsFirst) {
  Group group;
  Member& a = group.leader("a");
  const BootTime began = group.now().boot;
  a.lose_answers();
  group.pass(4s);
  a.tell(Watched{group.stored()});
  EXPECT_EQ(a.machine().authority_until(), began + 2s + 10s);
}

TEST(Authority, CountsFromTheSendingOfARenewalThatWasGivenUpBeforeAWatchShowsIt) {
  Group group;
  Member& a = group.leader("a");
  const BootTime began = group.now().boot;
  a.lose_answers();
  group.pass(9s);
  a.tell(Watched{group.stored()});
  EXPECT_EQ(a.machine().authority_until(), began + 2s + 10s);
}

TEST(Authority, IsNotExtendedByReadingTheOwnRecordAgain) {
  Group group;
  Member& a = group.leader("a");
  const BootTime until = a.machine().authority_until();
  group.pass(1s);
  a.tell(Watched{group.stored()});
  EXPECT_EQ(a.machine().authority_until(), until);
}

TEST(Authority, LateAnswerToACallThatWasGivenUpIsNotBelieved) {
  Group group;
  Member& a = group.leader("a");
  a.lose_answers();
  group.pass(9s);
  const UpdateLease renewal = a.commands_of<UpdateLease>().front();
  const BootTime until = a.machine().authority_until();
  a.tell(WriteStored{renewal.attempt, {renewal.record, LeaseRevision(99)}});
  EXPECT_EQ(a.machine().authority_until(), until);
}

// Rule 2: expiry.

TEST(Expiry, CrashIsTakenOverWhenTheRecordRanOutAndNotBefore) {
  Group group;
  Member& a = group.leader("a");
  Member& b = group.follower("b");
  group.pass(2s);  // a renews, b watches
  a.freeze();
  group.pass(14999ms);
  EXPECT_THAT(b.commands_of<Promote>(), IsEmpty());
  group.pass(1ms);
  EXPECT_THAT(b.commands_of<Promote>(), SizeIs(1));
}

TEST(Expiry, GoesOnWhenOnlyMetadataChanges) {
  Group group;
  Member& a = group.leader("a");
  Member& b = group.follower("b");
  group.pass(2s);
  a.freeze();
  group.pass(10s);
  group.edit([](LeaseRecord&) {});
  group.pass(5s);
  EXPECT_TRUE(b.has_authority());
}

TEST(Expiry, BeginsAnewWithAnotherSpec) {
  Group group;
  Member& a = group.leader("a");
  Member& b = group.follower("b");
  a.freeze();
  group.pass(10s);
  group.edit([](LeaseRecord& record) { record.spec.transitions += 5; });
  group.pass(14999ms);
  EXPECT_FALSE(b.has_authority());
  group.pass(1ms);
  EXPECT_TRUE(b.has_authority());
}

TEST(Expiry, SwapExpectsTheRevisionWhoseAgeWasMeasured) {
  Group group;
  Member& a = group.leader("a");
  Member& b = group.follower("b");
  const LeaseRevision seen_last = group.stored().revision;
  b.lose_answers();  // misses all that a renews from now on
  group.pass(20s);
  ASSERT_THAT(b.commands_of<UpdateLease>(), SizeIs(1));
  EXPECT_EQ(b.commands_of<UpdateLease>().front().expected, seen_last);
  EXPECT_TRUE(a.has_authority());
}

TEST(Expiry, LongerDurationOfTheRecordIsWaitedForAtMostAnHour) {
  Group group;
  group.lease().edit({.spec = {.holder = "x", .duration = 60s}, .notes = {}});
  Member& b = group.follower("b");
  group.pass(59999ms);
  EXPECT_FALSE(b.has_authority());
  group.pass(1ms);
  EXPECT_TRUE(b.has_authority());

  Group other;
  other.lease().edit({.spec = {.holder = "x", .duration = std::chrono::years(300)}, .notes = {}});
  Member& c = other.follower("c");
  other.pass(1h);
  EXPECT_TRUE(c.has_authority());
}

TEST(Expiry, ShorterDurationThanOurOwnIsNotBelieved) {
  Group group;
  Member& a = group.leader("a");
  Member& b = group.follower("b");
  a.cut_off();
  group.edit([](LeaseRecord& record) { record.spec.duration = 0s; });
  group.pass(14999ms);
  EXPECT_FALSE(b.has_authority());
}

// Rule 3: what may be taken at once.

TEST(Takeover, ConfirmedReleaseIsTakenAtOnce) {
  Group group;
  Member& a = group.leader("a");
  Member& b = group.follower("b");
  a.tell(Stop{});
  EXPECT_TRUE(b.has_authority());
}

TEST(Takeover, EmptyLeaseWithoutAConfirmedReleaseIsWaitedOut) {
  Group group;
  group.leader("a").freeze();
  Member& b = group.follower("b");
  group.edit([](LeaseRecord& record) {
    record.spec.holder.clear();
    record.spec.duration = 1s;
  });
  group.pass(14999ms);
  EXPECT_FALSE(b.has_authority());
  group.pass(1ms);
  EXPECT_TRUE(b.has_authority());
}

TEST(Takeover, ReleaseNoteLeftOverFromAnEarlierTermIsNotBelieved) {
  Group group;
  Member& b = group.follower("b");
  const LeaseTime old_term{std::chrono::seconds(1000)};
  const LeaseTime own_time{std::chrono::seconds(2000)};  // what client-go writes when it releases
  group.lease().edit({.spec = {.holder = "", .duration = 1s, .acquire_time = own_time},
                      .notes = {.released_term = old_term, .next_holder = {}}});
  group.pass(14s);
  EXPECT_FALSE(b.has_authority());
}

TEST(Takeover, MissingLeaseIsMadeVacantAndThenWaitedOut) {
  Group group;
  Member& a = group.follower("a");
  EXPECT_EQ(group.stored().record.spec.holder, "");
  group.pass(14999ms);
  EXPECT_FALSE(a.has_authority());
  group.pass(1ms);
  EXPECT_TRUE(a.has_authority());
}

TEST(Takeover, DeletedLeaseIsWaitedOutOnceItsLeaderHasNotCreatedItAgain) {
  Group group;
  Member& a = group.leader("a");
  Member& b = group.follower("b");
  a.freeze();
  group.lease().remove();
  group.pass(4s);  // its leader's chance
  EXPECT_EQ(group.stored().record.spec.holder, "");
  group.pass(14999ms);
  EXPECT_FALSE(b.has_authority());
  group.pass(1ms);
  EXPECT_TRUE(b.has_authority());
}

// What a hanging call must not hold up.

TEST(HangingCall, ReadMakesWayForTheTakeoverOfAnExpiredLease) {
  Group group;
  group.leader("a").freeze();
  Member& b = group.follower("b");
  group.pass(10s);
  b.cut_off();
  group.pass(4999ms);  // its poll hangs
  b.reconnect();
  EXPECT_FALSE(b.has_authority());
  group.pass(1ms);
  EXPECT_TRUE(b.has_authority());
}

TEST(HangingCall, ReadMakesWayForTheTakeoverOfAReleasedLease) {
  Group group;
  Member& a = group.leader("a");
  Member& b = group.follower("b");
  a.freeze();
  b.cut_off();
  group.pass(4s);
  b.reconnect();
  a.thaw();
  a.tell(Stop{});
  EXPECT_TRUE(b.has_authority());
}

TEST(HangingCall, AcquisitionThatAWatchShowsIsRenewedInTime) {
  Group group;
  Member& a = group.follower("a");
  group.pass(14999ms);
  a.lose_answers();
  group.pass(1ms);
  a.hear_again();
  a.tell(Watched{group.stored()});
  EXPECT_TRUE(a.has_authority());
  group.pass(60s);
  EXPECT_THAT(a.demotions(), ElementsAre(Reason::starting));
}

TEST(HangingCall, RenewalThatAWatchShowsIsFollowedByTheNext) {
  Group group;
  Member& a = group.leader("a");
  for (int renewals = 0; renewals < 30; ++renewals) {
    a.lose_answers();
    group.pass(2s);
    a.hear_again();
    a.tell(Watched{group.stored()});
  }
  EXPECT_TRUE(a.has_authority());
  EXPECT_THAT(a.demotions(), IsEmpty());
}

TEST(HangingCall, LookAfterAnUnansweredRenewalMakesWayOnceAWatchShowsWhatBecameOfIt) {
  Group group;
  Member& a = group.leader("a");
  const BootTime began = group.now().boot;
  a.lose_answers();
  group.pass(9s);  // the renewal of 2 s was given up after 8 s
  a.hear_again();
  a.tell(Watched{group.stored()});
  EXPECT_EQ(a.machine().authority_until(), began + 9s + 10s) << "the next one was sent at once";
}

TEST(HangingCall, WriteThatLostToAnotherIsNotWaitedFor) {
  Group group;
  Member& a = group.leader("a");
  Member& b = group.follower("b");
  a.freeze();
  group.pass(14999ms);
  b.cut_off();
  group.pass(1ms);  // its acquisition gets lost
  b.reconnect();
  group.edit(
      [](LeaseRecord& record) { record = acquisition(record.spec, "x", ProcessNumber(99), 15s, WallTime(2000s)); });
  ASSERT_FALSE(b.has_authority());
  group.edit(
      [](LeaseRecord& record) { record = release(record.spec, *record.spec.acquire_time, {}, WallTime(2001s)); });
  EXPECT_TRUE(b.has_authority());
}

TEST(Patience, LeadersRenewalMayTakeThreeQuartersOfWhatItsAuthorityLastsAndALookThereafterTheRest) {
  Group group;
  Member& a = group.leader("a");
  const BootTime began = group.now().boot;
  a.forget_commands();
  a.cut_off();
  group.pass(2s);
  ASSERT_THAT(a.commands_of<UpdateLease>(), SizeIs(1));
  EXPECT_EQ(a.commands_of<UpdateLease>().front().deadline, began + 8s);
  EXPECT_THAT(a.commands_of<ReadLease>(), IsEmpty());
  group.pass(6s);
  ASSERT_THAT(a.commands_of<ReadLease>(), SizeIs(1));
  EXPECT_EQ(a.commands_of<ReadLease>().front().deadline, began + 10s);
}

TEST(Patience, RenewalThatGetsLostIsRepeatedBeforeAuthorityEnds) {
  Group group;
  Member& a = group.leader("a");
  a.cut_off();
  group.pass(2s);
  a.reconnect();
  group.pass(60s);
  EXPECT_TRUE(a.has_authority());
  EXPECT_THAT(a.demotions(), IsEmpty());
}

TEST(Patience, OtherCallsMayTakeTheRenewDeadline) {
  Group group;
  Member& a = group.member("a");
  a.cut_off();
  a.start();
  ASSERT_THAT(a.commands_of<ReadLease>(), SizeIs(1));
  EXPECT_EQ(a.commands_of<ReadLease>().back().deadline, group.now().boot + 10s);
  a.reconnect();
  a.tell(Watched{std::nullopt});
  ASSERT_THAT(a.commands_of<CreateLease>(), IsEmpty()) << "its Prometheus is not fit";
  a.tell(HealthChanged{Health::fit});
  ASSERT_THAT(a.commands_of<CreateLease>(), SizeIs(1));
  EXPECT_EQ(a.commands_of<CreateLease>().back().deadline, group.now().boot + 10s);
  group.pass(15s);
  ASSERT_TRUE(a.has_authority());
  EXPECT_EQ(a.commands_of<UpdateLease>().back().deadline, group.now().boot + 10s) << "of the acquisition";
  a.tell(StepDown{});
  ASSERT_TRUE(is_confirmed_release(group.stored().record));
  EXPECT_EQ(a.commands_of<UpdateLease>().back().deadline, group.now().boot + 10s) << "of the release";
}

// Rule 4: demote, then release.

TEST(Demotion, IsConfirmedBeforeTheRelease) {
  Group group;
  Member& a = group.leader("a");
  a.hang_prometheus();
  a.tell(Stop{});
  group.pass(5s);
  EXPECT_FALSE(a.has_authority());
  EXPECT_EQ(group.stored().record.spec.holder, "a");
  a.tell(Demoted{});
  EXPECT_TRUE(is_confirmed_release(group.stored().record));
  EXPECT_THAT(a.commands_of<Finish>(), SizeIs(1));
}

TEST(Demotion, ThatIsNotConfirmedWhenTheLeaseExpiresIsCountedAndReleasesNothing) {
  Group group;
  Member& a = group.leader("a");
  Member& b = group.follower("b");
  a.hang_prometheus();
  a.cut_off();
  group.pass(14999ms);
  EXPECT_EQ(a.machine().demotion_overruns(), 0);
  group.pass(1ms);
  EXPECT_EQ(a.machine().demotion_overruns(), 1);
  group.pass(2s);
  a.reconnect();
  a.tell(Demoted{});
  group.pass(2s);
  EXPECT_TRUE(b.has_authority());
  EXPECT_EQ(a.machine().demotion_overruns(), 1);
}

TEST(Demotion, ThatIsNotConfirmedKeepsItsMemberOutOfTheElection) {
  Group group;
  Member& a = group.leader("a");
  a.hang_prometheus();
  a.cut_off();
  group.pass(10s);
  a.reconnect();
  group.pass(60s);
  EXPECT_FALSE(a.has_authority());
  a.tell(Demoted{});
  EXPECT_TRUE(a.has_authority());
  EXPECT_THAT(a.commands_of<Promote>(), SizeIs(1));
}

TEST(Demotion, BecauseOfAnUnhealthyPrometheusLastsUntilItIsHealthy) {
  Group group;
  Member& a = group.leader("a");
  a.tell(HealthChanged{Health::unfit});
  EXPECT_THAT(a.demotions(), ElementsAre(Reason::unhealthy));
  EXPECT_TRUE(is_confirmed_release(group.stored().record));
  group.pass(60s);
  EXPECT_FALSE(a.has_authority());
  a.tell(HealthChanged{Health::fit});
  EXPECT_TRUE(a.has_authority());
}

TEST(Demotion, WaitsForTheAnswerToARenewalThatIsUnderWayAndThenReleases) {
  Group group;
  Member& a = group.leader("a");
  a.lose_answers();
  group.pass(2s);  // the renewal is stored, and never answered
  a.tell(StepDown{});
  a.hear_again();
  EXPECT_EQ(group.stored().record.spec.holder, "a");
  group.pass(5s);
  EXPECT_TRUE(is_confirmed_release(group.stored().record));
}

// Rule 5: a lease that someone else wrote.

TEST(ForeignLease, AnotherHolderEndsAuthorityAtOnce) {
  Group group;
  Member& a = group.leader("a");
  group.edit([](LeaseRecord& record) { record.spec.holder = "x"; });
  EXPECT_FALSE(a.has_authority());
  EXPECT_THAT(a.demotions(), ElementsAre(Reason::lease_lost));
  group.pass(14999ms);
  EXPECT_FALSE(a.has_authority());
}

TEST(ForeignLease, EmptyHolderEndsAuthorityAtOnce) {
  Group group;
  Member& a = group.leader("a");
  group.edit([](LeaseRecord& record) {
    record.spec.holder.clear();
    record.spec.acquire_time = *record.spec.acquire_time + 1s;
  });
  EXPECT_FALSE(a.has_authority());
  EXPECT_THAT(a.demotions(), ElementsAre(Reason::lease_lost));
}

TEST(ForeignLease, EditOfOurOwnTermEndsItAndANewTermBeginsAfterTheDemotion) {
  Group group;
  Member& a = group.leader("a");
  const Term before = *a.machine().term();
  group.edit([](LeaseRecord& record) { record.spec.duration = std::chrono::years(300); });
  EXPECT_THAT(a.demotions(), ElementsAre(Reason::lease_lost));
  EXPECT_TRUE(a.has_authority());
  EXPECT_GT(a.machine().term()->token, before.token);
  EXPECT_EQ(group.stored().record.spec.duration, 15s);
}

TEST(ForeignLease, ChangeOfMetadataAloneIsNoMatter) {
  Group group;
  Member& a = group.leader("a");
  group.edit([](LeaseRecord&) {});
  group.pass(2s);
  EXPECT_EQ(group.stored().record.spec.renew_time,
            LeaseTime(std::chrono::floor<std::chrono::microseconds>(group.now().wall)));
  EXPECT_THAT(a.demotions(), IsEmpty());
}

TEST(ForeignLease, DeletionIsAnsweredByTheSameTerm) {
  Group group;
  Member& a = group.leader("a");
  const Term before = *a.machine().term();
  group.lease().remove();
  group.pass(0s);
  EXPECT_EQ(group.stored().record.spec.acquire_time, before.acquire_time);
  EXPECT_EQ(a.machine().term(), before);
  EXPECT_THAT(a.demotions(), IsEmpty());
}

TEST(ForeignLease, CoordinatedElectionIsLeftAlone) {
  Group group;
  Member& a = group.leader("a");
  group.edit([](LeaseRecord& record) { record.spec.strategy = "OldestEmulationVersion"; });
  const LeaseRevision edited = group.stored().revision;
  EXPECT_TRUE(a.machine().refuses_lease());
  group.pass(2h);
  EXPECT_EQ(group.stored().revision, edited);
  EXPECT_THAT(a.demotions(), ElementsAre(Reason::lease_lost));
}

// Rule 6: restarts.

TEST(Restart, WithProofGoesOnWithTermAndToken) {
  Group group;
  Member& a = group.leader("a");
  const std::optional<Term> term = a.machine().term();
  a.freeze();
  Member& again = group.member("a");
  again.tell(HealthChanged{Health::fit});
  again.start(term);
  EXPECT_TRUE(again.has_authority());
  EXPECT_EQ(again.machine().term(), term);
  EXPECT_THAT(again.demotions(), IsEmpty());
}

TEST(Restart, LastRenewalOfTheOldProcessMayArriveAfterTheNewOneHasRead) {
  Group group;
  Member& a = group.leader("a");
  a.freeze();
  Member& again = group.member("a");
  again.start(a.machine().term());
  again.cut_off();
  again.tell(HealthChanged{Health::fit});
  group.edit([](LeaseRecord& record) { record.spec.renew_time = *record.spec.renew_time + 2s; });
  again.reconnect();
  again.tell(WriteRefused{again.commands_of<UpdateLease>().back().attempt, Refusal::conflict});
  EXPECT_TRUE(again.has_authority());
  EXPECT_EQ(again.machine().term(), a.machine().term());
}

TEST(Restart, WithoutProofLoadsTheFollowersConfigurationAndWaitsTheOwnRecordOut) {
  Group group;
  group.leader("a").freeze();
  Member& again = group.follower("a");
  EXPECT_THAT(again.demotions(), ElementsAre(Reason::starting));
  group.pass(14999ms);
  EXPECT_FALSE(again.has_authority());
  group.pass(1ms);
  EXPECT_TRUE(again.has_authority());
}

TEST(Restart, ProofOfATermThatIsOverIsWorthNothing) {
  Group group;
  group.leader("a").freeze();
  group.pass(15s);
  group.leader("b");
  Member& again = group.member("a");
  again.tell(HealthChanged{Health::fit});
  again.start(Term{LeaseTime{}, FencingToken(1)});
  EXPECT_FALSE(again.has_authority());
  EXPECT_THAT(again.demotions(), ElementsAre(Reason::starting));
}

TEST(Restart, WithProofButWithoutTheStoreDemotesAfterARetryPeriodAndReleasesLater) {
  Group group;
  Member& a = group.leader("a");
  a.freeze();
  Member& again = group.member("a");
  again.cut_off();
  again.tell(HealthChanged{Health::fit});
  again.start(a.machine().term());
  EXPECT_THAT(again.demotions(), IsEmpty());
  group.pass(2s);
  EXPECT_THAT(again.demotions(), ElementsAre(Reason::starting));
  again.reconnect();
  group.pass(10s);  // until the call that was lost is given up
  ASSERT_TRUE(again.has_authority());
  EXPECT_GT(again.machine().term()->token, a.machine().term()->token);
}

TEST(Restart, NamesakeThatLeadsIsAStranger) {
  Group group;
  Member& one = group.leader("twin");
  Member& other = group.follower("twin");
  group.pass(60s);
  EXPECT_TRUE(one.has_authority());
  EXPECT_FALSE(other.has_authority());
}

TEST(Restart, ProofOfATermThatANamesakeBeganInTheSameMicrosecondIsWorthNothing) {
  Group group;
  Term proof = *group.leader("a").machine().term();
  proof.acquired_by = ProcessNumber(4711);
  Member& again = group.member("a");
  again.tell(HealthChanged{Health::fit});
  again.start(proof);
  EXPECT_THAT(again.demotions(), ElementsAre(Reason::starting));
}

TEST(Restart, WithProofOfATermThatNamesNoProcessGoesOn) {
  Group group;
  Member& a = group.leader("a");
  a.freeze();
  group.edit([](LeaseRecord& record) { record.spec.acquired_by.reset(); });
  Member& again = group.member("a");
  again.tell(HealthChanged{Health::fit});
  again.start(Term{*group.stored().record.spec.acquire_time, a.machine().term()->token});
  EXPECT_TRUE(again.has_authority());
}

TEST(Restart, OfNamesakesThatTakeALeaseInTheSameMicrosecondOneLeads) {
  Group group;
  Member& a = group.leader("a");
  Member& one = group.follower("twin");
  Member& other = group.follower("twin");
  a.tell(Stop{});
  for (int second = 0; second < 20; ++second) {
    EXPECT_NE(one.has_authority(), other.has_authority()) << "after " << second << " s";
    group.pass(1s);
  }
}

TEST(Restart, OfNamesakesWhoseAnswersAreLostTheOneWhoseRecordIsStoredLeads) {
  Group group;
  Member& a = group.leader("a");
  Member& one = group.follower("twin");
  Member& other = group.follower("twin");
  one.lose_answers();
  other.lose_answers();
  a.tell(Stop{});
  const StoredLease released = group.stored();
  one.tell(Watched{released});
  other.tell(Watched{released});
  ASSERT_EQ(one.commands_of<UpdateLease>().back().record.spec.acquire_time,
            other.commands_of<UpdateLease>().back().record.spec.acquire_time);
  one.tell(Watched{group.stored()});
  other.tell(Watched{group.stored()});
  EXPECT_TRUE(one.has_authority());
  EXPECT_FALSE(other.has_authority());
}

TEST(Restart, ProofIsSavedBeforeThePromotionAndForgottenWithTheDemotion) {
  Group group;
  Member& a = group.follower("a");
  a.forget_commands();
  group.pass(15s);
  const Term term = *a.machine().term();
  const std::size_t promoted = a.commands().size();
  EXPECT_THAT(a.commands().at(promoted - 2), VariantWith<SaveTerm>(Field(&SaveTerm::term, term)));
  EXPECT_THAT(a.commands().at(promoted - 1), VariantWith<Promote>(Field(&Promote::term, term)));
  a.tell(StepDown{});
  EXPECT_THAT(a.commands_of<ForgetTerm>(), SizeIs(1));
}

// Rule 8: the token.

TEST(Token, IsTheRevisionOfTheAcquisitionAndStaysThroughTheTerm) {
  Group group;
  Member& a = group.follower("a");
  group.pass(15s);
  const FencingToken token(group.stored().revision.value());
  EXPECT_EQ(a.machine().term()->token, token);
  group.pass(30s);
  EXPECT_EQ(a.machine().term()->token, token);
}

}  // namespace
}  // namespace promfleet::election
