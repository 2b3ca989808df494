#include "elector/status/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "elector/status/view_testing.h"

namespace promfleet::elector {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(StatusPage, SaysFirstWhoLeadsSinceWhenAndThatEverythingWorks) {
  const std::string page = status_page(sound_leader());
  EXPECT_THAT(page, AllOf(HasSubstr("<title>prometheus-0 leads"), HasSubstr("<h1>prometheus-0 leads</h1>"),
                          HasSubstr("for 3h 12m"), HasSubstr("verdict good"), HasSubstr("Everything works")));
  EXPECT_LT(page.find("<h1>"), page.find("<h2>"));
}

TEST(StatusPage, SaysWhatIsWrongAndWhatToDo) {
  const std::string page = status_page(troubled_follower());
  EXPECT_THAT(page, AllOf(HasSubstr("verdict warn"), HasSubstr("11 problems"), HasSubstr("No space left on device"),
                          HasSubstr("Look at space and permissions"),
                          HasSubstr("the follower&#39;s wanted, still the "
                                    "leader&#39;s"),
                          HasSubstr("promfleet lease resume"), HasSubstr("3 changes by someone else")));
}

TEST(StatusPage, NobodyLeadingIsBad) {
  EXPECT_THAT(status_page(newcomer()),
              AllOf(HasSubstr("<title>nobody leads"), HasSubstr("Nobody leads"), HasSubstr("verdict bad")));
}

TEST(StatusPage, ShowsTheDetails) {
  EXPECT_THAT(status_page(sound_leader()),
              AllOf(HasSubstr("kubernetes: monitoring/prometheus"), HasSubstr("9.5s left"), HasSubstr("token 80042"),
                    HasSubstr("The service prometheus resolves to 10.1.0.7, 10.1.0.8"),
                    HasSubstr("- url: https://storage.example"), HasSubstr("the lease was released after a demotion"),
                    HasSubstr("accepted after 320ms")));
}

TEST(StatusPage, SaysOfEachGateEntryWhetherItIsOpenAndWhatHasArrived) {
  StatusView view = sound_leader_with_gate();
  view.gate->outlets[0].counts = {.covered_samples = 120, .refused_samples = {{400, 1}}};
  EXPECT_THAT(status_page(view),
              AllOf(HasSubstr("<h2>Gate</h2>"), HasSubstr("open: the destination keeps former leaders out"),
                    HasSubstr("arrived up to 3.0s ago"), HasSubstr("/api/v1/write → https://hub.example"),
                    HasSubstr("nothing waits"), HasSubstr("120 samples covered by former leaders&#39;"),
                    HasSubstr("1 sample refused with 400"), HasSubstr("started at 2026-11-20T08:00:00Z"),
                    HasSubstr("Everything works")));
}

TEST(StatusPage, SaysWhatAFollowersGateHoldsAndHowMuchItStandsBack) {
  StatusView view = follower_with_gate();
  view.gate->handicap = 7500ms;
  EXPECT_THAT(status_page(view), AllOf(HasSubstr("held: this member follows"), HasSubstr("1 request of 120 KiB wait"),
                                       HasSubstr("12ms ahead of the leader&#39;s"), HasSubstr("for 7.5s more")));
  view.gate->clock_difference_ms = -12;
  EXPECT_THAT(status_page(view), HasSubstr("12ms behind the leader&#39;s"));
}

TEST(StatusPage, HasNoSectionOfAGateThatIsNotThere) {
  EXPECT_THAT(status_page(sound_leader()), Not(HasSubstr("<h2>Gate</h2>")));
}

TEST(StatusPage, EscapesWhatOthersWrote) {
  StatusView view = troubled_follower();
  const std::string attack = "\"><img src=x onerror=alert(1)>";
  view.config_error = view.health_error = view.lease = view.leader_additions = attack;
  view.election.leader = view.election.in_words = attack;
  view.election.lease = lease_held_by(attack);
  view.history = {{.at = kViewTime, .holder = attack, .reason = election::Reason::acquired}};
  view.service = attack;
  view.service_addresses = {attack};
  view.findings = {{.id = attack, .message = attack}};
  view.gate = GateStatus{.outlets = {{.name = attack,
                                      .path = attack,
                                      .origin = attack,
                                      .group = attack,
                                      .state = DestinationGate::State::open,
                                      .problem = attack}},
                         .source_started_at = attack};
  EXPECT_THAT(status_page(view), AllOf(HasSubstr("&lt;img"), Not(HasSubstr("<img"))));
}

TEST(StatusPage, LoadsNothingAndRunsNothing) {
  EXPECT_THAT(status_page(troubled_follower()),
              AllOf(Not(HasSubstr("<script")), Not(HasSubstr("src=")), Not(HasSubstr("url(")),
                    Not(HasSubstr("@import")), HasSubstr("http-equiv=refresh")));
}

}  // namespace
}  // namespace promfleet::elector
