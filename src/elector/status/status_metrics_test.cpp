#include "elector/status/status_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "elector/status/view_testing.h"

namespace promfleet::elector {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string shown(const StatusView& view) {
  Registry registry;
  StatusMetrics(registry, "prometheus-0").show(view);
  return registry.render();
}

TEST(StatusMetrics, OfALeader) {
  StatusView view = sound_leader();
  view.election.last_transition = kTermBegan;
  EXPECT_THAT(shown(view),
              AllOf(HasSubstr("\nprometheus_elector_election_is_leader{member_id=\"prometheus-0\"} 1\n"),
                    HasSubstr("\nprometheus_elector_election_last_transition_time_seconds 1795242600\n"),
                    HasSubstr("\npromfleet_elector_paused 0\n"), HasSubstr("\npromfleet_elector_reconciled 1\n"),
                    HasSubstr("\npromfleet_elector_prometheus_role{role=\"leader\"} 1\n"),
                    HasSubstr("\npromfleet_elector_prometheus_role{role=\"follower\"} 0\n"),
                    HasSubstr("\npromfleet_elector_reload_running_seconds 0\n")));
}

TEST(StatusMetrics, OfAFollowerWhosePrometheusStillRunsTheLeadersConfiguration) {
  EXPECT_THAT(shown(troubled_follower()),
              AllOf(HasSubstr("is_leader{member_id=\"prometheus-0\"} 0\n"), HasSubstr("paused 1\n"),
                    HasSubstr("reconciled 0\n"), HasSubstr("prometheus_role{role=\"leader\"} 1\n"),
                    HasSubstr("prometheus_role{role=\"follower\"} 0\n"), HasSubstr("reload_running_seconds 7\n")));
}

TEST(StatusMetrics, WhatIsNotKnownIsZero) {
  EXPECT_THAT(shown(newcomer()),
              AllOf(HasSubstr("last_transition_time_seconds 0\n"), HasSubstr("prometheus_role{role=\"leader\"} 0\n"),
                    HasSubstr("prometheus_role{role=\"follower\"} 0\n")));
}

}  // namespace
}  // namespace promfleet::elector
