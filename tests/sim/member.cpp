#include "tests/sim/member.h"

#include <memory>
#include <utility>

#include "election/records.h"

namespace promfleet::sim {

namespace {

using namespace election;

// What a member is told about a write.
Event write_answer(AttemptId attempt, const Result<StoredLease>& result) {
  if (result) return WriteStored{attempt, *result};
  return WriteRefused{attempt, result.error().code() == Errc::not_found ? Refusal::not_found : Refusal::conflict};
}

}  // namespace

Member::Member(Setup setup, World world)
    : setup_(std::move(setup)),
      world_(world),
      process_(world.timeline),
      link_(world.timeline, world.chance, world.weather),
      prometheus_(world.timeline, world.chance),
      clock_(setup_.clock_rate, setup_.clock_offset, clock_source(setup_.fault)) {}

void Member::start() {
  process_.begin_life();
  mutant_.emplace(setup_.id, setup_.timing, setup_.fault, world_.lease);
  tick_at_ = Instant::max();
  happens(ConfigChanged{config_});
  happens(Started{state_file_});
  happens(HealthChanged{Health::fit});
}

void Member::kill() {
  world_.trace.line(name(), "killed");
  process_.begin_life();
  mutant_.reset();
}

void Member::tell(Event event) {
  if (lives()) process_.guarded([this, event = std::move(event)] { happens(event); })();
}

void Member::lease_changed() {
  if (!lives() || setup_.observation == Observation::poll) return;
  link_.push(process_.guarded([this, lease = world_.lease.read()] { happens(Watched{lease}); }));
}

void Member::jump_wall_clock(Duration by) {
  clock_.jump_wall_clock(by);
  tell(Tick{});
}

void Member::change_config() {
  config_ = ConfigHash(config_.value() + 1);
  tell(ConfigChanged{config_});
}

void Member::load_leader_configuration() {
  prometheus_.load(Configuration::leader, [this, config = config_, life = process_.life()](LoadResult result) {
    if (life != process_.life()) return;
    if (result == LoadResult::loaded) tell(Promoted{config});
    if (result == LoadResult::failed) tell(PromotionFailed{config});
  });
}

std::optional<Term> Member::term_with_authority() {
  if (!lives()) return std::nullopt;
  return mutant_->term_with_authority(clock_.boot(world_.timeline.now()));
}

void Member::happens(const Event& event) {
  if (!lives()) return;
  world_.trace.happens(name(), "<- ", event);
  const Instant now = world_.timeline.now();
  for (const Command& command : mutant_->handle(event, Now{clock_.boot(now), clock_.wall(now)})) {
    world_.trace.happens(name(), "-> ", command);
    std::visit([this](const auto& wanted) { run(wanted); }, command);
  }
  const bool leads = lives() && mutant_->machine().role() == Role::leading;
  if (leads && std::holds_alternative<ConfigChanged>(event)) load_leader_configuration();
  schedule_tick();
}

void Member::schedule_tick() {
  if (!lives()) return;
  const BootTime wake_at = mutant_->wake_at();
  if (wake_at == kNever) return;
  const Instant at = clock_.when(wake_at);
  if (at == tick_at_) return;
  tick_at_ = at;
  world_.timeline.at(at, process_.guarded([this, tick = ++ticks_] {
    if (tick != ticks_) return;
    tick_at_ = Instant::max();
    happens(Tick{});
  }));
}

void Member::call(AttemptId attempt, std::function<Event()> at_store) {
  const auto answer = std::make_shared<Event>();
  link_.request([answer, at_store = std::move(at_store)] { *answer = at_store(); },
                process_.guarded([this, answer] { happens(*answer); }),
                process_.guarded([this, attempt] { happens(CallFailed{attempt}); }));
}

void Member::run(const ReadLease& command) {
  call(command.attempt, [this, attempt = command.attempt] { return ReadAnswered{attempt, world_.lease.read()}; });
}

void Member::run(const CreateLease& command) {
  judge_write(command.record);
  call(command.attempt, [this, command] { return write_answer(command.attempt, world_.lease.create(command.record)); });
}

void Member::run(const UpdateLease& command) {
  judge_write(command.record);
  call(command.attempt, [this, command] {
    return write_answer(command.attempt, world_.lease.update(command.record, command.expected));
  });
}

void Member::run(const Promote& command) {
  world_.judge.term_begins(name(), command.term);
  load_leader_configuration();
}

void Member::run(const Demote&) {
  prometheus_.load(Configuration::follower, [this, life = process_.life()](LoadResult) {
    if (life == process_.life()) tell(Demoted{});
  });
}

void Member::run(const Finish&) {
  world_.trace.line(name(), "ended");
  process_.begin_life();
  mutant_.reset();
}

void Member::judge_write(const LeaseRecord& record) {
  if (is_confirmed_release(record)) world_.judge.release_sent(name(), prometheus_.loaded());
  if (record.spec.holder == id() && mutant_->machine().role() == Role::following) {
    world_.judge.candidacy_sent(name(), prometheus_.loaded());
  }
}

}  // namespace promfleet::sim
