#include "elector/status/gate_in_words.h"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "elector/gate/clock_difference.h"
#include "elector/status/in_words.h"

namespace promfleet::elector {

namespace {

// A watermark is never above the clock of the leader or of the receiver, so one that is ahead of ours is a clock's.
constexpr Duration kAheadMax = 5s;

// Beyond the lateness: a scrape interval, and what a receiver may be slow for a moment.
constexpr Duration kBehindSlack = 2min;

std::string entry_in_words(const OutletStatus& outlet) {
  return fmt::format("gate {}", outlet.name);
}

Problem shut_out_problem(const OutletStatus& outlet) {
  return {.what = fmt::format("{}: {} has heard of a later leader of {}, so nothing passes", entry_in_words(outlet),
                              outlet.origin, outlet.group),
          .advice =
              "If another member leads, this one will soon see that, and all is well. If the lease's store was "
              "replaced, so that its revisions begin again: end the members that use the old one, then have the "
              "destination's administrator post to /api/v1/fleet/GROUP/fence-reset, then let this member step down, so "
              "that a new term begins (docs/gate.md)."};
}

Problem answer_problem(const OutletStatus& outlet) {
  return {.what = fmt::format("{}: {}: {}", entry_in_words(outlet), outlet.origin, outlet.problem),
          .advice =
              "That is what the destination said last. What it refuses for what it is, is counted and left out; "
              "everything else is held and tried again, and Prometheus keeps it for two hours. Look at "
              "the destination, and at url and credentials in -gate-config."};
}

// What has not moved for long; of a leader that is its own doing, of a follower the leader's.
Problem behind_problem(const OutletStatus& outlet, Duration age) {
  const bool leads = outlet.state != DestinationGate::State::closed;
  return {.what = fmt::format("{}: {} has nothing of the last {}", entry_in_words(outlet), outlet.origin,
                              span_in_words(age)),
          .advice = leads ? "Does this member's Prometheus write to the gate (findings of preflight say), and does the "
                            "destination take it? Requests that are held say so."
                          : "The leader's samples do not arrive. Look at /_elector/ of the leader. Nothing is lost as "
                            "long as this Prometheus keeps what it holds: two hours."};
}

Problem ahead_problem(const OutletStatus& outlet, Duration age) {
  return {.what = fmt::format("{}: what has arrived is {} ahead of this machine's clock", entry_in_words(outlet),
                              span_in_words(-age)),
          .advice =
              "The clock of this machine, of the leader's or of the destination's is wrong: samples are taken for "
              "delivered by it. Look at NTP on each."};
}

void add_outlet(std::vector<Problem>& list, const OutletStatus& outlet, WallTime now) {
  if (outlet.state == DestinationGate::State::shut_out) {
    list.push_back(shut_out_problem(outlet));
  } else if (!outlet.problem.empty()) {
    list.push_back(answer_problem(outlet));
  }
  const std::optional<WallTime> arrived = watermark(outlet);
  if (!arrived) return;
  const Duration age = now - *arrived;
  if (age < -kAheadMax) list.push_back(ahead_problem(outlet, age));
  // Whoever is shut out, or gets no good answer, knows why.
  const bool is_told = outlet.state == DestinationGate::State::shut_out || !outlet.problem.empty();
  if (age > outlet.lateness + kBehindSlack && !is_told) list.push_back(behind_problem(outlet, age));
}

void add_clocks(std::vector<Problem>& list, const GateStatus& gate) {
  if (!gate.clock_difference_ms) return;
  const std::chrono::milliseconds difference(*gate.clock_difference_ms);
  if (std::chrono::abs(difference) <= kClockDifferenceMax) return;
  list.push_back(
      {.what = fmt::format("gate: this machine's clock is {} {} the leader's",
                           span_in_words(std::chrono::abs(difference)), difference > 0ms ? "ahead of" : "behind"),
       .advice = "Up to 2s a takeover joins both members' samples without a gap or a double. Look at NTP on both "
                 "machines."});
}

}  // namespace

std::string_view to_word(DestinationGate::State state) {
  using State = DestinationGate::State;
  switch (state) {
    case State::closed: return "closed";
    case State::fencing: return "fencing";
    case State::open: return "open";
    case State::shut_out: return "shut_out";
  }
  return "unknown";
}

std::string_view to_word(ReceiverKind kind) {
  switch (kind) {
    case ReceiverKind::unknown: return "unknown";
    case ReceiverKind::fencing: return "fencing";
    case ReceiverKind::foreign: return "foreign";
  }
  return "unknown";
}

std::string outlet_in_words(const OutletStatus& outlet) {
  using State = DestinationGate::State;
  switch (outlet.state) {
    case State::closed:
      return outlet.watermark_ms ? "held: this member follows, and keeps what the leader may still lose"
                                 : "held: this member follows, and has not heard yet what has arrived";
    case State::fencing: return "held: this member leads, and the destination does not know it yet";
    case State::open:
      return outlet.receiver == ReceiverKind::fencing ? "open: the destination keeps former leaders out"
                                                      : "open: the destination knows no fences";
    case State::shut_out: return "shut: the destination has heard of a later leader";
  }
  return "unknown";
}

std::optional<WallTime> watermark(const OutletStatus& outlet) {
  if (!outlet.watermark_ms) return std::nullopt;
  constexpr std::int64_t kMax =
      std::chrono::floor<std::chrono::milliseconds>(WallTime::max().time_since_epoch()).count();
  return WallTime(std::chrono::milliseconds(std::clamp<std::int64_t>(*outlet.watermark_ms, 0, kMax)));
}

std::vector<Problem> gate_problems(const StatusView& view) {
  std::vector<Problem> list;
  if (!view.gate) return list;
  for (const OutletStatus& outlet : view.gate->outlets) add_outlet(list, outlet, view.now);
  add_clocks(list, *view.gate);
  return list;
}

}  // namespace promfleet::elector
