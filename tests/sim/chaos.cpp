#include "tests/sim/chaos.h"

#include <algorithm>
#include <array>

#include "election/records.h"

namespace promfleet::sim {

namespace {

using namespace election;

constexpr Weather kFair{.lost = 0.005, .slow = 0.02, .doubled = 0.1, .delay_max = 500ms};

}  // namespace

Chaos::Chaos(World world, Weather& weather, Cast& cast, Timing timing)
    : world_(world), weather_(weather), cast_(cast), timing_(timing) {
  weather_ = kFair;
}

void Chaos::rage_until(Instant end) {
  using Mishap = void (Chaos::*)();
  static constexpr std::array<Mishap, 14> kMishaps{
      &Chaos::cut_off, &Chaos::cut_off,     &Chaos::freeze,          &Chaos::freeze,           &Chaos::kill,
      &Chaos::kill,    &Chaos::stop,        &Chaos::jump_wall_clock, &Chaos::upset_prometheus, &Chaos::worsen_weather,
      &Chaos::operate, &Chaos::touch_lease, &Chaos::touch_lease,     &Chaos::upset_contender};
  const Duration pause = up_to_leases(0.7);
  if (world_.timeline.now() + pause >= end) return;
  world_.timeline.after(pause, [this, end] {
    (this->*world_.chance.pick(kMishaps))();
    rage_until(end);
  });
}

void Chaos::heal() {
  world_.trace.line("----", "all faults stop");
  healed_ = true;
  weather_ = Weather{};
  if (needs_repair_) repair();
  for (const auto& member : cast_.members) {
    member->link().heal();
    member->prometheus().heal();
    member->process().thaw_now();
    if (!member->lives()) member->start();
    member->tell(HealthChanged{Health::fit});
    member->tell(Resume{});
    member->change_config();
    revive_later(*member);
  }
  for (const auto& contender : cast_.contenders) {
    contender->link().heal();
    contender->process().thaw_now();
  }
}

// Whoever gave the lease a long duration or a strategy also puts it right.
void Chaos::repair() {
  const LeaseSpec current = world_.lease.read() ? world_.lease.read()->record.spec : LeaseSpec{};
  const WallTime now(world_.timeline.now());
  world_.lease.edit(acquisition(current, "repairer", ProcessNumber(0), timing_.lease_duration, now));
}

Member& Chaos::any_member() {
  const auto leads = [](const auto& member) { return member->term_with_authority().has_value(); };
  const auto leader = std::ranges::find_if(cast_.members, leads);
  if (leader != cast_.members.end() && world_.chance.happens(0.4)) return **leader;
  return *cast_.members[world_.chance.below(cast_.members.size())];
}

Duration Chaos::up_to_leases(double count) {
  const double seconds = to_seconds(timing_.lease_duration) * world_.chance.between(0, count);
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

void Chaos::cut_off() {
  const Cut how = world_.chance.happens(0.7) ? Cut::black_hole : Cut::refused;
  const bool everyone = world_.chance.happens(0.1);
  const Duration how_long = up_to_leases(2.5);
  Member& one = any_member();
  for (const auto& member : cast_.members) {
    if (!everyone && member.get() != &one) continue;
    member->link().cut(how, how_long);
    world_.trace.line(member->name(), "is cut off");
  }
}

void Chaos::freeze() {
  Member& member = any_member();
  world_.trace.line(member.name(), "freezes");
  member.process().freeze(up_to_leases(2.5));
}

void Chaos::kill() {
  Member& member = any_member();
  if (!member.lives()) return;
  member.kill();
  if (world_.chance.happens(0.5)) member.lose_state_file();
  revive_later(member);
}

void Chaos::stop() {
  Member& member = any_member();
  member.stop();
  revive_later(member);
}

void Chaos::revive_later(Member& member) {
  world_.timeline.after(up_to_leases(world_.chance.happens(0.5) ? 0.1 : 2), [&member] {
    if (!member.lives()) member.start();
  });
}

void Chaos::jump_wall_clock() {
  Member& member = any_member();
  const Duration by =
      world_.chance.between(-2 * Duration(timing_.lease_duration), 2 * Duration(timing_.lease_duration));
  world_.trace.line(member.name(), "wall clock jumps");
  member.jump_wall_clock(world_.chance.happens(0.2) ? by * 1000 : by);
}

void Chaos::upset_prometheus() {
  Member& member = any_member();
  switch (world_.chance.below(4)) {
    case 0: member.prometheus().hang(up_to_leases(3)); break;
    case 1: member.prometheus().fail_loads(up_to_leases(2)); break;
    case 2: member.change_config(); break;
    default:
      member.tell(HealthChanged{Health::unfit});
      world_.timeline.after(up_to_leases(2), [&member] { member.tell(HealthChanged{Health::fit}); });
  }
}

void Chaos::worsen_weather() {
  weather_ = {.lost = world_.chance.between(0, 0.3),
              .slow = world_.chance.between(0, 0.5),
              .doubled = world_.chance.between(0, 0.5),
              .delay_max = up_to_leases(world_.chance.happens(0.5) ? 0.4 : 1.5)};
  world_.timeline.after(up_to_leases(2), [this] {
    if (!healed_) weather_ = kFair;
  });
}

void Chaos::operate() {
  Member& member = any_member();
  switch (world_.chance.below(4)) {
    case 0: return member.tell(StepDown{});
    case 1: return member.tell(Switchover{any_member().id()});
    case 2: return member.tell(Resume{});
    default: member.tell(Pause{}); world_.timeline.after(up_to_leases(3), [&member] { member.tell(Resume{}); });
  }
}

void Chaos::touch_lease() {
  if (!world_.lease.read()) return;
  if (world_.chance.happens(0.3)) {
    world_.trace.line("----", "the lease is deleted");
    return world_.lease.remove();
  }
  LeaseRecord record = world_.lease.read()->record;
  edit(record);
  world_.trace.line("----", "the lease is edited");
  world_.lease.edit(record);
}

void Chaos::edit(LeaseRecord& record) {
  using std::chrono::seconds;
  static constexpr std::array kDurations{seconds(0), seconds(1), seconds(60), seconds(300L * 365 * 86400)};
  const LeaseTime now = std::chrono::floor<std::chrono::microseconds>(WallTime(world_.timeline.now()));
  LeaseSpec& spec = record.spec;
  switch (world_.chance.below(8)) {
    case 0: spec.holder.clear(); break;
    case 1: spec.holder = "stranger"; break;
    case 2: spec.holder = any_member().id(); break;
    case 3: spec.duration = world_.chance.pick(kDurations); break;
    case 4: spec.renew_time = now; break;
    case 5: spec.acquire_time = now; break;
    case 6: spec.strategy = "OldestEmulationVersion"; break;
    default: break;  // metadata alone
  }
  if (world_.chance.happens(0.2)) spec.duration = seconds(1);
  needs_repair_ = needs_repair_ || spec.strategy || spec.duration > timing_.lease_duration;
}

void Chaos::upset_contender() {
  if (cast_.contenders.empty()) return;
  Contender& contender = *cast_.contenders[world_.chance.below(cast_.contenders.size())];
  world_.trace.line(contender.id(), "is upset");
  switch (world_.chance.below(3)) {
    case 0: contender.stop(); break;
    case 1: contender.process().freeze(up_to_leases(2)); break;
    default: contender.link().cut(Cut::black_hole, up_to_leases(2));
  }
}

}  // namespace promfleet::sim
