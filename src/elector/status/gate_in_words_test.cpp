#include "elector/status/gate_in_words.h"

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
using testing::StartsWith;
using State = DestinationGate::State;

auto problem(const std::string& what, const std::string& advice) {
  return AllOf(Field(&Problem::what, StartsWith(what)), Field(&Problem::advice, HasSubstr(advice)));
}

// The problems of a leader whose one entry `change` has changed.
template <class Change>
std::vector<Problem> problems_with(Change change) {
  StatusView view = sound_leader_with_gate();
  change(view.gate->outlets[0]);
  return gate_problems(view);
}

std::vector<Problem> problems_with_clock_at(std::int64_t difference_ms) {
  StatusView view = follower_with_gate();
  view.gate->clock_difference_ms = difference_ms;
  return gate_problems(view);
}

TEST(GateInWords, EntryIsOpenOrHeldForAReason) {
  OutletStatus outlet = open_outlet();
  EXPECT_EQ(outlet_in_words(outlet), "open: the destination keeps former leaders out");
  outlet.receiver = ReceiverKind::foreign;
  EXPECT_EQ(outlet_in_words(outlet), "open: the destination knows no fences");
  outlet.state = State::fencing;
  EXPECT_THAT(outlet_in_words(outlet), StartsWith("held: this member leads, and the destination does not know it"));
  outlet.state = State::closed;
  EXPECT_THAT(outlet_in_words(outlet), StartsWith("held: this member follows, and keeps"));
  outlet.watermark_ms.reset();
  EXPECT_THAT(outlet_in_words(outlet), StartsWith("held: this member follows, and has not heard"));
  outlet.state = State::shut_out;
  EXPECT_THAT(outlet_in_words(outlet), StartsWith("shut: "));
}

TEST(GateProblems, SoundGateHasNone) {
  EXPECT_THAT(gate_problems(sound_leader_with_gate()), IsEmpty());
  EXPECT_THAT(gate_problems(follower_with_gate()), IsEmpty());
  EXPECT_THAT(gate_problems(sound_leader()), IsEmpty());
}

TEST(GateProblems, WhatTheDestinationSaidIsOne) {
  EXPECT_THAT(problems_with([](OutletStatus& outlet) { outlet.problem = "503 Service Unavailable"; }),
              ElementsAre(problem("gate hub: https://hub.example: 503 Service Unavailable", "-gate-config")));
}

TEST(GateProblems, BeingShutOutComesWithWhatToDo) {
  EXPECT_THAT(problems_with([](OutletStatus& outlet) {
                outlet.state = State::shut_out;
                outlet.problem = "another leader has fenced the group";
                outlet.watermark_ms = unix_ms(kViewTime - 1h);
              }),
              ElementsAre(problem("gate hub: https://hub.example has heard of a later leader of monitoring/prometheus",
                                  "/api/v1/fleet/GROUP/fence-reset, then let this member step down")));
}

TEST(GateProblems, DestinationThatGetsNothingIsOneAfterMoreThanTheLateness) {
  const auto arrived = [](Duration age) {
    return [age](OutletStatus& outlet) { outlet.watermark_ms = unix_ms(kViewTime - age); };
  };
  EXPECT_THAT(problems_with(arrived(210s)), IsEmpty());
  EXPECT_THAT(problems_with(arrived(211s)),
              ElementsAre(problem("gate hub: https://hub.example has nothing of the last 3m 31s",
                                  "Does this member's Prometheus write to the gate")));
  EXPECT_THAT(problems_with([&](OutletStatus& outlet) {
                arrived(211s)(outlet);
                outlet.state = State::closed;
              }),
              ElementsAre(problem("gate hub: https://hub.example has nothing", "Look at /_elector/ of the leader")));
}

TEST(GateProblems, WatermarkInTheFutureIsAClocks) {
  EXPECT_THAT(problems_with([](OutletStatus& outlet) { outlet.watermark_ms = unix_ms(kViewTime + 5s); }), IsEmpty());
  EXPECT_THAT(problems_with([](OutletStatus& outlet) { outlet.watermark_ms = unix_ms(kViewTime + 5001ms); }),
              ElementsAre(problem("gate hub: what has arrived is 5.0s ahead of this machine's clock", "NTP")));
}

TEST(GateProblems, ClocksFurtherApartThanReceiversAllowForAreOne) {
  EXPECT_THAT(problems_with_clock_at(2000), IsEmpty());
  EXPECT_THAT(problems_with_clock_at(-2000), IsEmpty());
  EXPECT_THAT(problems_with_clock_at(2100),
              ElementsAre(problem("gate: this machine's clock is 2.1s ahead of the leader's", "NTP")));
  EXPECT_THAT(problems_with_clock_at(-2100),
              ElementsAre(problem("gate: this machine's clock is 2.1s behind the leader's", "NTP")));
}

}  // namespace
}  // namespace promfleet::elector
