#include "elector/status/takeover_readiness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "elector/status/view_testing.h"

namespace promfleet::elector {
namespace {

using testing::Optional;
using testing::StartsWith;

// prometheus-1 leads.
StatusView sound_follower() {
  StatusView view = follower_with_gate();
  view.gate.reset();
  return view;
}

// What the leader might take with it, this member's gate does not hold yet.
StatusView follower_with_young_gate() {
  StatusView view = follower_with_gate();
  view.gate->handicap = 7s;
  return view;
}

std::optional<std::string> why_not(const StatusView& view) {
  return TakeoverReadiness().why_not(view);
}

TEST(TakeoverReadiness, MemberThatCouldTakeOverIsReady) {
  EXPECT_EQ(why_not(sound_leader()), std::nullopt);
  EXPECT_EQ(why_not(sound_follower()), std::nullopt);
  EXPECT_EQ(why_not(follower_with_gate()), std::nullopt);
}

TEST(TakeoverReadiness, WaitsForPrometheus) {
  EXPECT_EQ(why_not(newcomer()), "Prometheus has not been ready yet: not ready yet");
}

TEST(TakeoverReadiness, WaitsForAConfiguration) {
  StatusView view = sound_follower();
  view.reconciler.confirmed.reset();
  EXPECT_EQ(why_not(view), "Prometheus does not run a configuration of this elector's yet");
  view.reconciler.reload_error = "500: failed\nto reload";
  EXPECT_EQ(why_not(view), "Prometheus does not run a configuration of this elector's yet: 500: failed to reload");
  view.config_error = "elector.yaml: line 7";
  EXPECT_EQ(why_not(view), "Prometheus does not run a configuration of this elector's yet: elector.yaml: line 7");
}

TEST(TakeoverReadiness, WaitsForAPartInTheElection) {
  StatusView view = sound_follower();
  view.election.is_paused = true;
  EXPECT_THAT(why_not(view), Optional(StartsWith("this member is paused")));
  view = sound_follower();
  view.election.refuses_lease = true;
  EXPECT_THAT(why_not(view), Optional(StartsWith("the lease is under coordinated election")));
  view = sound_follower();
  view.election.health = election::Health::unfit;
  view.health_error = "GET /-/healthy: 503";
  EXPECT_EQ(why_not(view), "this member is not fit to lead: GET /-/healthy: 503");
  view.config_error = "elector.yaml: line 7";
  EXPECT_EQ(why_not(view), "this member is not fit to lead: elector.yaml: line 7");
}

TEST(TakeoverReadiness, WaitsUntilSomebodyLeads) {
  StatusView view = sound_follower();
  view.election.leader = "";
  EXPECT_EQ(why_not(view), "nobody leads, as far as this member knows");
  view.election.store_error = "connection refused";
  EXPECT_EQ(why_not(view), "nobody leads, as far as this member knows: connection refused");
}

TEST(TakeoverReadiness, GateOfAFollowerHoldsWhatTheLeaderMayTakeWithIt) {
  TakeoverReadiness readiness;
  EXPECT_EQ(readiness.why_not(follower_with_young_gate()),
            "the gate does not hold yet all that the leader may take with it; ready in 2m at the latest");
  StatusView unknown = follower_with_gate();
  unknown.gate->outlets[0].watermark_ms.reset();
  EXPECT_NE(readiness.why_not(unknown), std::nullopt);
  EXPECT_EQ(readiness.why_not(follower_with_gate()), std::nullopt);
}

TEST(TakeoverReadiness, GateOfALeaderNeedsNotWait) {
  StatusView view = sound_leader_with_gate();
  view.gate->handicap = 7s;
  EXPECT_EQ(why_not(view), std::nullopt);
}

TEST(TakeoverReadiness, DestinationThatAcceptsNothingKeepsNobodyBackForEver) {
  TakeoverReadiness readiness;
  StatusView view = follower_with_young_gate();
  const BootTime began = view.boot_now;
  view.gate->outlets.push_back(view.gate->outlets[0]);
  view.gate->outlets[1].lateness = 200s;  // the longest counts
  EXPECT_NE(readiness.why_not(view), std::nullopt);
  view.boot_now = began + 229s;
  EXPECT_NE(readiness.why_not(view), std::nullopt);
  view.boot_now = began + 230s;
  EXPECT_EQ(readiness.why_not(view), std::nullopt);
}

TEST(TakeoverReadiness, TimeOfTheGateCountsFromWhenNothingElseIsMissing) {
  TakeoverReadiness readiness;
  StatusView view = follower_with_young_gate();
  view.health.reset();
  EXPECT_NE(readiness.why_not(view), std::nullopt);
  view.boot_now += 1h;
  view.health = Health::healthy;
  EXPECT_NE(readiness.why_not(view), std::nullopt);
}

TEST(TakeoverReadiness, LastsThroughAnOutage) {
  TakeoverReadiness readiness;
  EXPECT_EQ(readiness.why_not(sound_leader()), std::nullopt);
  EXPECT_EQ(readiness.why_not(troubled_follower()), std::nullopt);
  EXPECT_EQ(readiness.why_not(newcomer()), std::nullopt);
}

TEST(TakeoverReadiness, EndsWhenTheMemberLeaves) {
  TakeoverReadiness readiness;
  EXPECT_EQ(readiness.why_not(sound_leader()), std::nullopt);
  readiness.leave();
  EXPECT_EQ(readiness.why_not(sound_leader()), "this member leaves");
}

}  // namespace
}  // namespace promfleet::elector
