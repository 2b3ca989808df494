#include "elector/sidecar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "election/records.h"
#include "elector/sidecar_testing.h"

namespace promfleet::elector {
namespace {

using election::Reason;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using Network = election::SimulatedLeaseStore::Network;
using Kind = ReloadAnswer::Kind;

class SidecarTest : public testing::Test {
 protected:
  void pass(Duration time) { group_.pass(time); }

  Group group_;
};

TEST_F(SidecarTest, FollowersConfigurationIsLoadedBeforeAnythingElse) {
  Replica& a = group_.started("a");
  EXPECT_THAT(a.prometheus.loads, ElementsAre(kFollowers));
  EXPECT_EQ(a.output(), kFollowers);
  EXPECT_EQ(a.role(), election::Role::following);
}

TEST_F(SidecarTest, LeaderGetsTheLeadersConfiguration) {
  Replica& a = group_.started("a");
  pass(15s);
  EXPECT_TRUE(a.leads());
  EXPECT_EQ(a.prometheus.running, kLeaders);
  EXPECT_EQ(a.term_file.content.value(), a.sidecar().election().term());
}

TEST_F(SidecarTest, NobodyLeadsWithoutAConfiguration) {
  Replica& a = group_.added("a");
  a.put_config("follower: [\n");
  a.start();
  pass(1min);
  EXPECT_FALSE(a.leads());
  EXPECT_THAT(a.prometheus.loads, IsEmpty());
  a.put_config(config("one"));
  pass(30s);
  EXPECT_TRUE(a.leads());
}

TEST_F(SidecarTest, ChangedConfigurationReachesTheLeadersPrometheus) {
  Replica& a = group_.leader("a");
  a.change_config(config("two"));
  EXPECT_THAT(a.prometheus.running, HasSubstr("http://two"));
  pass(1min);
  EXPECT_TRUE(a.leads());
}

TEST_F(SidecarTest, BrokenFileChangesNothingButWhatIsTold) {
  Replica& a = group_.leader("a");
  a.change_config("follower: [\n");
  pass(1min);
  EXPECT_TRUE(a.leads());
  EXPECT_EQ(a.prometheus.running, kLeaders);
  EXPECT_THAT(a.prometheus.loads, SizeIs(2));
  EXPECT_THAT(a.sidecar().config().error(), HasSubstr("/elector.yml: line 2, "));
}

TEST_F(SidecarTest, ChangedRulesAreLoaded) {
  Replica& a = group_.leader("a");
  ASSERT_TRUE(a.files.replace("/rules/r.yml", "groups: []\n", 0600));
  a.watcher.touch("/rules");
  pass(0s);
  EXPECT_THAT(a.prometheus.loads, ElementsAre(kFollowers, kLeaders, kLeaders));
}

TEST_F(SidecarTest, OutputThatSomeoneElseWritesIsPutRightAndLoadedAgain) {
  Replica& a = group_.leader("a");
  ASSERT_TRUE(a.files.replace("/out/prometheus.yml", "foreign", 0600));
  a.watcher.touch("/out");
  pass(0s);
  EXPECT_EQ(a.output(), kLeaders);
  EXPECT_THAT(a.prometheus.loads, ElementsAre(kFollowers, kLeaders, kLeaders));
  EXPECT_EQ(a.sidecar().reconciler().status().foreign_writes, 1u);
}

TEST_F(SidecarTest, QueuesThatADemotionStopsAreCountedForPreflight) {
  Replica& a = group_.added("a");
  a.prometheus.started_with->flush_deadline = 4s;
  a.start();
  pass(0s);
  EXPECT_THAT(a.sidecar().preflight().findings(),
              ElementsAre(AllOf(Field(&Finding::id, "flush_deadline_too_long"),
                                Field(&Finding::message, HasSubstr("(1 queues x")))));
}

// Health.

TEST_F(SidecarTest, MemberWhosePrometheusIsNotReadyDoesNotStand) {
  Replica& a = group_.added("a");
  a.prometheus.ready = Readiness::not_listening;
  a.start();
  pass(1min);
  EXPECT_EQ(a.role(), election::Role::following);
  EXPECT_EQ(group_.lease.read(), std::nullopt);
  a.prometheus.ready = Readiness::ready;
  pass(20s);  // until it is asked again, and a lease duration
  EXPECT_TRUE(a.leads());
}

TEST_F(SidecarTest, LeaderWhosePrometheusFallsIllDemotesAndReleases) {
  Replica& a = group_.leader("a");
  Replica& b = group_.started("b");
  a.prometheus.sick = Error(Errc::timed_out, "no answer");
  pass(15s);
  EXPECT_FALSE(a.leads());
  EXPECT_EQ(a.prometheus.running, kFollowers);
  EXPECT_THAT(a.reasons(), Contains(Reason::unhealthy));
  EXPECT_TRUE(b.leads());
  EXPECT_EQ(b.prometheus.running, kLeaders);
}

// A demotion, and what it waits for.

TEST_F(SidecarTest, LeaseIsReleasedOnceTheDemotionIsConfirmed) {
  Replica& a = group_.leader("a");
  a.prometheus.takes = 3s;
  a.sidecar().election().step_down().value();
  pass(2999ms);
  EXPECT_EQ(group_.lease.read()->record.spec.holder, "a");
  pass(1ms);
  EXPECT_TRUE(is_confirmed_release(group_.lease.read()->record));
  EXPECT_EQ(a.prometheus.running, kFollowers);
}

TEST_F(SidecarTest, DemotionThatIsHalfAppliedCountsOnceNoQueueOfTheLeaderRuns) {
  Replica& a = group_.leader("a");
  a.prometheus.answer = Kind::rejected;
  a.prometheus.queues = {{.name = "1a2b3c", .url = "http://all"}, {.name = "4d5e6f", .url = "http://one"}};
  a.sidecar().election().step_down().value();
  pass(9s);
  EXPECT_EQ(group_.lease.read()->record.spec.holder, "a");
  a.prometheus.queues.pop_back();
  pass(1s);
  EXPECT_TRUE(is_confirmed_release(group_.lease.read()->record));
}

TEST_F(SidecarTest, LeavingDemotesThenReleases) {
  Replica& a = group_.leader("a");
  a.prometheus.takes = 3s;
  a.leave();
  pass(2999ms);
  EXPECT_EQ(a.has_left, std::nullopt);
  EXPECT_EQ(group_.lease.read()->record.spec.holder, "a");
  pass(1ms);
  EXPECT_EQ(a.has_left, Result<>());
  EXPECT_EQ(a.prometheus.running, kFollowers);
  EXPECT_TRUE(is_confirmed_release(group_.lease.read()->record));
}

TEST_F(SidecarTest, LeavingDoesNotWaitForAConfigurationThatNeverWasGood) {
  Replica& a = group_.added("a");
  a.put_config("follower: [\n");
  a.start();
  pass(1min);
  a.leave();
  pass(0s);
  ASSERT_TRUE(a.has_left);
  EXPECT_THAT(a.has_left->error().message(), HasSubstr("/elector.yml: line 2, "));
}

// A leader's configuration that does not load (rule 7 of the election).

TEST_F(SidecarTest, LeaderWhoseRoundFailsYields) {
  Replica& a = group_.started("a");
  Replica& b = group_.started("b");
  a.prometheus.dislikes = "http://one";
  pass(15s);
  ASSERT_TRUE(a.leads());
  pass(1s);  // the round's second attempt
  EXPECT_THAT(a.reasons(), Contains(Reason::load_failed));
  EXPECT_EQ(a.prometheus.running, kFollowers);
  EXPECT_TRUE(b.leads());
}

TEST_F(SidecarTest, LeaderWhoseNewestTextIsRejectedRunsItsLastGoodOneAndYieldsWithinALeaseDuration) {
  Replica& a = group_.leader("a", {.attempts = 100, .retry_delay = 10s});
  Replica& b = group_.started("b");
  a.prometheus.dislikes = "http://two";
  a.change_config(config("two"));
  EXPECT_EQ(a.prometheus.running, kLeaders);
  EXPECT_EQ(a.output(), kLeaders);
  pass(9999ms);
  EXPECT_TRUE(a.leads());
  pass(1ms);  // the next attempt would begin after the lease duration
  EXPECT_FALSE(a.leads());
  EXPECT_THAT(a.reasons(), Contains(Reason::load_failed));
  EXPECT_EQ(a.prometheus.running, kFollowers);
  EXPECT_TRUE(b.leads());
}

TEST_F(SidecarTest, WhereNobodyCanLoadTheNewestTextTheFormerLeaderGoesOnWithItsLastGoodOne) {
  Replica& a = group_.leader("a");
  Replica& b = group_.started("b");
  for (Replica* replica : {&a, &b}) {
    replica->prometheus.dislikes = "http://two";
    replica->change_config(config("two"));
  }
  group_.pass_until([&] { return b.leads(); });
  group_.pass_until([&] { return a.leads(); });
  for (int minute = 0; minute < 10; ++minute) {
    pass(1min);
    EXPECT_TRUE(a.leads());
    EXPECT_EQ(a.prometheus.running, kLeaders);
  }
  EXPECT_THAT(a.sidecar().reconciler().status().reload_error, HasSubstr("bad rule file"));
}

TEST_F(SidecarTest, WhereABrokenRuleFileSpoilsEveryPromotionSomebodyLeadsAllTheSame) {
  Replica& a = group_.started("a");
  Replica& b = group_.started("b");
  for (Replica* replica : {&a, &b}) {
    replica->prometheus.dislikes = "http://one";
    replica->prometheus.queues = {{.name = "1a2b3c", .url = "http://all"}, {.name = "4d5e6f", .url = "http://one"}};
  }
  pass(2min);
  for (int minute = 0; minute < 10; ++minute) {
    pass(1min);
    EXPECT_TRUE(a.leads() || b.leads());
  }
}

TEST_F(SidecarTest, LeaderWhoseNewTextCannotBeWrittenGoesOnLeadingAndIsDemotedWithoutWriting) {
  Replica& a = group_.leader("a");
  Replica& b = group_.started("b");
  a.put_config(config("two"));
  a.files.fail_writes(Error(Errc::io_failed, "write: No space left on device"));
  pass(2min);
  EXPECT_TRUE(a.leads());
  EXPECT_EQ(a.prometheus.running, kLeaders);
  EXPECT_THAT(a.sidecar().reconciler().status().file_error, HasSubstr("No space left"));
  a.leave();
  pass(1s);
  EXPECT_EQ(a.has_left, Result<>());
  EXPECT_EQ(a.prometheus.running, kFollowers);
  EXPECT_TRUE(b.leads());
}

TEST_F(SidecarTest, LeaderWhoseRejectedTextIsTakenBackGoesOnLeading) {
  Replica& a = group_.leader("a");
  a.prometheus.dislikes = "http://two";
  a.change_config(config("two"));
  a.change_config(config("one"));
  pass(1min);
  EXPECT_TRUE(a.leads());
  EXPECT_THAT(a.reasons(), Not(Contains(Reason::load_failed)));
}

TEST_F(SidecarTest, NewTextThatLoadsEndsTheStandBack) {
  Replica& a = group_.started("a");
  a.prometheus.dislikes = "http://one";
  pass(20s);
  ASSERT_THAT(a.reasons(), Contains(Reason::load_failed));
  EXPECT_FALSE(a.leads());
  a.change_config(config("two"));
  EXPECT_TRUE(a.leads());
  EXPECT_THAT(a.prometheus.running, HasSubstr("http://two"));
  pass(1min);
  EXPECT_TRUE(a.leads());
}

// Two electors over one lease.

TEST_F(SidecarTest, CrashOfTheLeaderIsTakenOverAtTheExpiry) {
  Replica& a = group_.leader("a");
  Replica& b = group_.started("b");
  pass(2s);  // a renews
  a.kill();
  pass(14999ms);
  EXPECT_FALSE(b.leads());
  EXPECT_EQ(b.prometheus.running, kFollowers);
  pass(1ms);
  EXPECT_TRUE(b.leads());
  EXPECT_EQ(b.prometheus.running, kLeaders);
}

TEST_F(SidecarTest, MemberThatComesBackAfterItsLeaseDemotesItsPrometheusAndFollows) {
  Replica& a = group_.leader("a");
  Replica& b = group_.started("b");
  a.kill();
  pass(20s);
  ASSERT_TRUE(b.leads());
  ASSERT_EQ(a.prometheus.running, kLeaders);
  a.start();
  pass(2s);
  EXPECT_EQ(a.prometheus.running, kFollowers);
  EXPECT_FALSE(a.leads());
  EXPECT_TRUE(b.leads());
}

TEST_F(SidecarTest, MemberThatComesBackToBrokenFilesTakesItsLeadersConfigurationBackAndDoesNotStand) {
  Replica& a = group_.leader("a");
  Replica& b = group_.started("b");
  a.kill();
  pass(20s);
  ASSERT_TRUE(b.leads());
  a.put_config("follower: [\n");
  a.start();
  pass(2s);
  EXPECT_EQ(a.prometheus.running, kFollowers);
  EXPECT_EQ(a.output(), kFollowers);
  b.leave();
  pass(1min);
  EXPECT_FALSE(a.leads());
  a.put_config(config("one"));
  pass(20s);
  EXPECT_TRUE(a.leads());
}

TEST_F(SidecarTest, MemberThatRestartsInTimeGoesOnWithItsTerm) {
  Replica& a = group_.leader("a");
  Replica& b = group_.started("b");
  const std::optional<election::Term> term = a.sidecar().election().term();
  a.kill();
  pass(3s);
  a.start();
  pass(5s);
  EXPECT_EQ(a.sidecar().election().term(), term);
  EXPECT_THAT(a.prometheus.loads, Not(Contains(kFollowers).Times(2)));
  EXPECT_FALSE(b.leads());
}

TEST_F(SidecarTest, WallClockThatJumpsCostsNeitherTheTermNorAReloadAndBringsNoTakeoverForward) {
  Replica& a = group_.leader("a");
  Replica& b = group_.started("b");
  const std::optional<election::Term> term = a.sidecar().election().term();
  for (const Duration jump : {-48h, 24h * 400, -1h}) {
    group_.clock.step_wall_clock(jump);
    pass(1min);
    EXPECT_EQ(a.sidecar().election().term(), term);
  }
  EXPECT_THAT(a.prometheus.loads, SizeIs(2));
  EXPECT_THAT(b.prometheus.loads, SizeIs(1));

  a.kill();
  group_.clock.step_wall_clock(24h);
  pass(12s);
  EXPECT_FALSE(b.leads());
  group_.clock.step_wall_clock(-48h);
  pass(3s);
  EXPECT_TRUE(b.leads());
}

TEST_F(SidecarTest, LeaderThatIsCutOffIsDemotedBeforeTheOtherIsPromoted) {
  Replica& a = group_.leader("a");
  Replica& b = group_.started("b");
  a.prometheus.takes = 4s;
  a.store.set_network(Network::black_hole);
  for (int step = 0; step < 300; ++step) {
    pass(100ms);
    EXPECT_FALSE(a.prometheus.running == kLeaders && b.prometheus.running == kLeaders);
    EXPECT_FALSE(a.leads() && b.leads());
  }
  EXPECT_EQ(a.prometheus.running, kFollowers);
  EXPECT_TRUE(b.leads());
  EXPECT_EQ(b.prometheus.running, kLeaders);
  EXPECT_EQ(a.sidecar().election().status().demotion_overruns, 0);
}

TEST_F(SidecarTest, DemotionThatTakesLongerThanTheLeaseIsAnError) {
  Replica& a = group_.leader("a");
  a.prometheus.takes = 6s;
  a.store.set_network(Network::black_hole);
  pass(30s);
  EXPECT_EQ(a.sidecar().election().status().demotion_overruns, 1);
  EXPECT_THAT(a.sink.text,
              HasSubstr("level=error msg=\"the lease has expired, and the demotion is still not confirmed: "
                        "two members may be writing\""));
}

TEST_F(SidecarTest, LeadershipIsHandedOnWithoutAMomentOfTwoLeaders) {
  Replica& a = group_.leader("a");
  Replica& b = group_.started("b");
  a.prometheus.takes = b.prometheus.takes = 2s;
  a.leave();
  for (int step = 0; step < 60; ++step) {
    pass(100ms);
    EXPECT_FALSE(a.prometheus.running == kLeaders && b.prometheus.running == kLeaders);
  }
  EXPECT_EQ(a.prometheus.running, kFollowers);
  EXPECT_EQ(b.prometheus.running, kLeaders);
}

}  // namespace
}  // namespace promfleet::elector
