#include "tests/sim/mutant.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "election/records.h"

namespace promfleet::sim {

namespace {

using namespace election;

constexpr std::array kFaults{Fault::release_before_demote,    Fault::wall_clock,
                             Fault::deadline_from_answer,     Fault::resume_without_proof,
                             Fault::swap_with_fresh_revision, Fault::empty_taken_at_once,
                             Fault::read_extends_authority,   Fault::namesakes_look_alike};

// The lease that an observation shows, if it is one.
std::optional<StoredLease>* observed(Event& event) {
  if (auto* watched = std::get_if<Watched>(&event)) return &watched->lease;
  if (auto* answer = std::get_if<ReadAnswered>(&event)) return &answer->lease;
  return nullptr;
}

}  // namespace

std::string_view to_string(Fault fault) {
  switch (fault) {
    case Fault::none: return "none";
    case Fault::release_before_demote: return "release-before-demote";
    case Fault::wall_clock: return "wall-clock";
    case Fault::deadline_from_answer: return "deadline-from-answer";
    case Fault::resume_without_proof: return "resume-without-proof";
    case Fault::swap_with_fresh_revision: return "swap-with-fresh-revision";
    case Fault::empty_taken_at_once: return "empty-taken-at-once";
    case Fault::read_extends_authority: return "read-extends-authority";
    case Fault::namesakes_look_alike: return "namesakes-look-alike";
  }
  return "unknown";
}

std::span<const Fault> all_faults() {
  return kFaults;
}

ClockSource clock_source(Fault fault) {
  return fault == Fault::wall_clock ? ClockSource::wall : ClockSource::boot;
}

Mutant::Mutant(std::string member, ProcessNumber process, Timing timing, Fault fault, const SimulatedLease& lease)
    : machine_(std::move(member), fault == Fault::namesakes_look_alike ? ProcessNumber() : process, timing),
      fault_(fault),
      lease_(lease) {}

std::vector<Command> Mutant::handle(Event event, Now now) {
  Commands commands;
  if (!put_off_.empty() && now.boot >= wrongly_until_) commands = std::exchange(put_off_, {});
  distort(event);
  std::ranges::move(pass_on(event, now), std::back_inserter(commands));
  return commands;
}

std::vector<Command> Mutant::pass_on(const Event& event, Now now) {
  const BootTime believed_before = machine_.authority_until();
  Commands commands = machine_.handle(event, now);
  extend_authority(event, believed_before, now.boot);
  distort(commands, now);
  return commands;
}

std::optional<Term> Mutant::term_with_authority(BootTime now) const {
  if (machine_.has_authority(now)) return machine_.term();
  return now < wrongly_until_ ? std::optional(extended_term_) : std::nullopt;
}

BootTime Mutant::wake_at() const {
  return put_off_.empty() ? machine_.wake_at() : std::min(machine_.wake_at(), wrongly_until_);
}

void Mutant::distort(Event& event) const {
  if (auto* started = std::get_if<Started>(&event); started && fault_ == Fault::resume_without_proof) {
    const std::optional<StoredLease>& lease = lease_.read();
    if (!started->proof && lease && lease->record.spec.holder == machine_.member() && lease->record.spec.acquire_time) {
      started->proof =
          Term{*lease->record.spec.acquire_time, FencingToken(lease->revision.value()), lease->record.spec.acquired_by};
    }
  }
  std::optional<StoredLease>* lease = observed(event);
  if (fault_ == Fault::empty_taken_at_once && lease && *lease && (*lease)->record.spec.holder.empty()) {
    LeaseRecord& record = (*lease)->record;
    if (!record.spec.acquire_time) record.spec.acquire_time = LeaseTime{};
    record.notes = {.released_term = record.spec.acquire_time, .next_holder = {}};
  }
}

void Mutant::distort(Commands& commands, Now now) {
  for (Command& command : commands) {
    auto* update = std::get_if<UpdateLease>(&command);
    if (update && fault_ == Fault::swap_with_fresh_revision && lease_.read()) {
      update->expected = lease_.read()->revision;
    }
  }
  const auto demotes = [](const Command& command) { return std::holds_alternative<Demote>(command); };
  const auto demotion = std::ranges::find_if(commands, demotes);
  if (demotion == commands.end()) return;
  if (fault_ == Fault::release_before_demote) {
    std::ranges::move(pass_on(Demoted{}, now), std::back_inserter(commands));
    return;
  }
  if (now.boot >= wrongly_until_) return;
  if (std::get<Demote>(*demotion).reason == Reason::authority_lost) {
    put_off_ = std::exchange(commands, {});
  } else {
    wrongly_until_ = now.boot;
  }
}

void Mutant::extend_authority(const Event& event, BootTime believed_before, BootTime now) {
  const std::optional<Term> term = machine_.term();
  if (!term) return;
  const bool renewed = machine_.authority_until() != believed_before;
  const bool wrong_count = fault_ == Fault::deadline_from_answer && renewed;
  const bool wrong_read = fault_ == Fault::read_extends_authority && shows_term(event, *term);
  if (!wrong_count && !wrong_read) return;
  extended_term_ = *term;
  wrongly_until_ = now + machine_.timing().renew_deadline;
}

bool Mutant::shows_term(Event event, const Term& term) const {
  const std::optional<StoredLease>* lease = observed(event);
  if (!lease || !*lease) return false;
  const LeaseSpec& spec = (*lease)->record.spec;
  return spec.holder == machine_.member() && spec.acquire_time == term.acquire_time;
}

}  // namespace promfleet::sim
