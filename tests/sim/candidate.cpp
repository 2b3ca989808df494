#include "tests/sim/candidate.h"

#include <memory>
#include <utility>

#include <fmt/format.h>

namespace promfleet::sim {

namespace {

using namespace election;

// What a member is told about a write.
Event write_answer(AttemptId attempt, const Result<StoredLease>& result) {
  if (result) return WriteStored{attempt, *result};
  return WriteRefused{attempt, result.error().code() == Errc::not_found ? Refusal::not_found : Refusal::conflict};
}

}  // namespace

Candidate::Candidate(Setup setup, Stage stage)
    : setup_(std::move(setup)),
      stage_(stage),
      process_(stage.timeline),
      link_(stage.timeline, stage.chance, stage.weather),
      clock_(setup_.clock_rate, setup_.clock_offset, setup_.wall_step, clock_source(setup_.fault)) {}

void Candidate::begin() {
  process_.begin_life();
  mutant_.emplace(setup_.id, process_number(), setup_.timing, setup_.fault, stage_.lease);
  tick_at_ = Instant::max();
}

// Of this life.
ProcessNumber Candidate::process_number() const {
  return ProcessNumber(std::hash<std::string>()(fmt::format("{} {}", name(), process_.life())));
}

void Candidate::kill() {
  stage_.trace.line(name(), "killed");
  end();
}

void Candidate::end() {
  process_.begin_life();
  mutant_.reset();
  events_.clear();
  ended();
}

void Candidate::tell(Event event) {
  if (lives()) process_.guarded([this, event = std::move(event)] { happens(event); })();
}

void Candidate::lease_changed() {
  if (!lives() || setup_.observation == Observation::poll) return;
  link_.push(process_.guarded([this, lease = stage_.lease.read()] { happens(Watched{lease}); }));
}

void Candidate::jump_wall_clock(Duration by) {
  clock_.jump_wall_clock(by);
  tell(Tick{});
}

std::optional<Term> Candidate::term_with_authority() {
  if (!lives()) return std::nullopt;
  return mutant_->term_with_authority(clock_.boot(stage_.timeline.now()));
}

void Candidate::happens(Event event) {
  if (!lives()) return;
  events_.push_back(std::move(event));
  handle_events();
}

void Candidate::happens_first(Event event) {
  if (!lives()) return;
  events_.push_front(std::move(event));
  handle_events();
}

void Candidate::handle_events() {
  if (is_handling_) return;
  is_handling_ = true;
  while (lives() && !events_.empty()) {
    if (hears(events_.front())) continue;
    const Event next = std::move(events_.front());
    events_.pop_front();
    handle(next);
  }
  is_handling_ = false;
}

void Candidate::handle(const Event& event) {
  stage_.trace.happens(name(), "<- ", event);
  const Instant now = stage_.timeline.now();
  for (const Command& command : mutant_->handle(event, Now{clock_.boot(now), clock_.wall(now)})) {
    stage_.trace.happens(name(), "-> ", command);
    std::visit([this](const auto& wanted) { run(wanted); }, command);
  }
  if (!lives()) return;
  handled(event);
  schedule_tick();
}

void Candidate::schedule_tick() {
  const BootTime wake_at = mutant_->wake_at();
  if (wake_at == kNever) return;
  const Instant at = clock_.when(wake_at);
  if (at == tick_at_) return;
  tick_at_ = at;
  stage_.timeline.at(at, process_.guarded([this, tick = ++ticks_] {
    if (tick != ticks_) return;
    tick_at_ = Instant::max();
    happens(Tick{});
  }));
}

void Candidate::call(AttemptId attempt, std::function<Event()> at_store) {
  const auto answer = std::make_shared<Event>();
  link_.request([answer, at_store = std::move(at_store)] { *answer = at_store(); },
                process_.guarded([this, answer] { happens(*answer); }),
                process_.guarded([this, attempt] { happens(CallFailed{attempt}); }));
}

void Candidate::run(const ReadLease& command) {
  call(command.attempt, [this, attempt = command.attempt] { return ReadAnswered{attempt, stage_.lease.read()}; });
}

void Candidate::run(CreateLease command) {
  about_to_write(command.record);
  call(command.attempt, [this, command] { return write_answer(command.attempt, stage_.lease.create(command.record)); });
}

void Candidate::run(UpdateLease command) {
  about_to_write(command.record);
  call(command.attempt, [this, command] {
    return write_answer(command.attempt, stage_.lease.update(command.record, command.expected));
  });
}

void Candidate::run(const Finish&) {
  stage_.trace.line(name(), "ended");
  end();
}

}  // namespace promfleet::sim
