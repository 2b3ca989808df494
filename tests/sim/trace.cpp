#include "tests/sim/trace.h"

#include <cstdio>

#include <fmt/format.h>

namespace promfleet::sim {

namespace {

using namespace election;

std::string words(const std::optional<LeaseTime>& time) {
  return time ? fmt::format("{:.6f}", to_seconds(time->time_since_epoch()) - 1767225600.0) : "-";
}

std::string words(const LeaseRecord& record) {
  const LeaseSpec& spec = record.spec;
  std::string text = fmt::format("holder={} duration={} acquired={} renewed={} transitions={}",
                                 spec.holder.empty() ? "-" : spec.holder, spec.duration.count(),
                                 words(spec.acquire_time), words(spec.renew_time), spec.transitions);
  if (spec.acquired_by) text += fmt::format(" by={:x}", spec.acquired_by->value());
  if (record.notes.released_term) text += " released=" + words(record.notes.released_term);
  if (record.notes.next_holder) text += " next=" + *record.notes.next_holder;
  if (spec.strategy) text += " strategy=" + *spec.strategy;
  return text;
}

std::string words(const std::optional<StoredLease>& lease) {
  return lease ? fmt::format("#{} {}", lease->revision.value(), words(lease->record)) : "absent";
}

std::string words(const Term& term) {
  return fmt::format("acquired={} token={}", words(term.acquire_time), term.token.value());
}

struct EventWords {
  std::string operator()(const Started& e) const { return "started, proof: " + (e.proof ? words(*e.proof) : "none"); }
  std::string operator()(const HealthChanged& e) const { return e.health == Health::fit ? "fit" : "unfit"; }
  std::string operator()(const Watched& e) const { return "watched " + words(e.lease); }
  std::string operator()(const ReadAnswered& e) const {
    return fmt::format("read [{}] {}", e.attempt.value(), words(e.lease));
  }
  std::string operator()(const WriteStored& e) const {
    return fmt::format("stored [{}] {}", e.attempt.value(), words(e.lease));
  }
  std::string operator()(const WriteRefused& e) const {
    return fmt::format("refused [{}] {}", e.attempt.value(), e.refusal == Refusal::conflict ? "conflict" : "not found");
  }
  std::string operator()(const CallFailed& e) const { return fmt::format("failed [{}]", e.attempt.value()); }
  std::string operator()(const Promoted& e) const {
    return fmt::format("promoted with {}", e.config.value_or(ConfigHash()).value());
  }
  std::string operator()(const PromotionFailed& e) const {
    return fmt::format("promotion with {} failed", e.config.value());
  }
  std::string operator()(const Demoted&) const { return "demoted"; }
  std::string operator()(const Yielded& e) const { return fmt::format("yields: {}", to_string(e.reason)); }
  std::string operator()(const HandicapChanged& e) const {
    return fmt::format("handicap {:.3f} s", to_seconds(e.handicap));
  }
  std::string operator()(const ConfigChanged& e) const { return fmt::format("configuration {}", e.config.value()); }
  std::string operator()(const StepDown&) const { return "step down"; }
  std::string operator()(const Switchover& e) const { return "switch over to " + e.to; }
  std::string operator()(const Pause&) const { return "pause"; }
  std::string operator()(const Resume&) const { return "resume"; }
  std::string operator()(const Stop&) const { return "stop"; }
  std::string operator()(const Tick&) const { return "tick"; }
};

struct CommandWords {
  std::string operator()(const ReadLease& c) const { return fmt::format("read [{}]", c.attempt.value()); }
  std::string operator()(const CreateLease& c) const {
    return fmt::format("create [{}] {}", c.attempt.value(), words(c.record));
  }
  std::string operator()(const UpdateLease& c) const {
    return fmt::format("update [{}] #{} to {}", c.attempt.value(), c.expected.value(), words(c.record));
  }
  std::string operator()(const Promote& c) const { return "PROMOTE " + words(c.term); }
  std::string operator()(const Demote& c) const { return fmt::format("DEMOTE {}", to_string(c.reason)); }
  std::string operator()(const SaveTerm&) const { return "save term"; }
  std::string operator()(const ForgetTerm&) const { return "forget term"; }
  std::string operator()(const Transition& c) const {
    return fmt::format("transition: {} {}", c.holder.empty() ? "nobody" : c.holder, to_string(c.reason));
  }
  std::string operator()(const Finish&) const { return "finish"; }
};

}  // namespace

std::string describe(const Event& event) {
  return std::visit(EventWords{}, event);
}
std::string describe(const Command& command) {
  return std::visit(CommandWords{}, command);
}

void Trace::line(std::string_view who, std::string_view what) const {
  if (is_on()) fmt::print("{:10.4f} {:>4} {}\n", to_seconds(timeline_.now()), who, what);
}

}  // namespace promfleet::sim
