#include "elector/status/view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "elector/status/view_testing.h"

namespace promfleet::elector {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

auto problem(const std::string& what) {
  return Field(&Problem::what, StartsWith(what));
}

TEST(KnownMembers, AreThisOneTheLeaderAndPastHolders) {
  StatusView view = troubled_follower();
  view.election.leader = "prometheus-2";
  EXPECT_THAT(known_members(view),
              ElementsAre(KnownMember{.name = "prometheus-0", .is_self = true}, KnownMember{.name = "prometheus-1"},
                          KnownMember{.name = "prometheus-2", .is_leader = true}));
  EXPECT_THAT(known_members(newcomer()), ElementsAre(KnownMember{.name = "prometheus-0", .is_self = true}));
}

TEST(StatusProblems, SoundMemberHasNone) {
  EXPECT_THAT(problems(sound_leader()), IsEmpty());
}

TEST(StatusProblems, EachThatCanBeIsTold) {
  EXPECT_THAT(problems(troubled_follower()),
              ElementsAre(problem("lease: PUT leases/prometheus"), problem("state file: locking the state file"),
                          problem("Prometheus: GET /-/healthy"), problem("writing Prometheus' configuration: rename"),
                          problem("reloading Prometheus: 500"), problem("reloading Prometheus: it has not answered"),
                          problem("configuration: elector.yaml"), problem("web configuration: web.yml"),
                          problem("HTTP configuration towards Prometheus: http.yml"),
                          problem("gate configuration: gate.yml"), problem("preflight: start Prometheus")));
}

TEST(StatusProblems, NobodyLeadingComesFirst) {
  EXPECT_THAT(problems(newcomer()), ElementsAre(problem("nobody leads"), problem("Prometheus: not ready yet")));
}

TEST(StatusProblems, PrometheusThatRecoversIsOneUntilItIsFit) {
  StatusView view = sound_leader();
  view.health = Health::unhealthy;
  EXPECT_THAT(problems(view), ElementsAre(problem("Prometheus: it answers again")));
}

TEST(StatusProblems, HealthyPrometheusIsNoneWhereTheConfigurationKeepsThisMemberFromLeading) {
  StatusView view = sound_leader();
  view.election.health = election::Health::unfit;
  view.config_error = "elector.yaml: the file is empty";
  EXPECT_THAT(problems(view), ElementsAre(AllOf(problem("configuration: elector.yaml"),
                                                Field(&Problem::advice, HasSubstr("does not lead")))));
}

TEST(StatusProblems, RejectedConfigurationIsOneAlsoWhileTheLastGoodOneRuns) {
  StatusView view = sound_leader();
  view.reconciler.has_arrived = false;
  EXPECT_THAT(problems(view), ElementsAre(problem("Prometheus runs an older version")));
  view.reconciler.reload_sent_at = view.boot_now;
  EXPECT_THAT(problems(view), IsEmpty());
}

TEST(StatusProblems, CoordinatedElectionIsOne) {
  StatusView view = sound_leader();
  view.election.refuses_lease = true;
  EXPECT_THAT(problems(view), ElementsAre(AllOf(problem("lease: it is under coordinated election"),
                                                Field(&Problem::advice, HasSubstr("spec.strategy")))));
}

TEST(StatusProblems, ThoseOfTheGateAreAmongThem) {
  StatusView view = follower_with_gate();
  view.gate->clock_difference_ms = 5000;
  EXPECT_THAT(problems(view), ElementsAre(problem("gate: this machine's clock")));
}

TEST(StatusProblems, AdviceComesWithAllButFindingsWhichContainIt) {
  for (const Problem& found : problems(troubled_follower())) {
    EXPECT_EQ(found.advice.empty(), found.what.starts_with("preflight: ")) << found.what;
  }
}

}  // namespace
}  // namespace promfleet::elector
