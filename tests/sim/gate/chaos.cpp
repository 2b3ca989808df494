#include "tests/sim/gate/chaos.h"

#include <algorithm>
#include <array>

namespace promfleet::sim::gate {

namespace {

using namespace election;

constexpr Weather kFair{.lost = 0.002, .slow = 0.02, .doubled = 0.02, .delay_max = 500ms};
constexpr Duration kClockStepMax = 250ms;
// How long a Prometheus takes at least until it serves.
constexpr Duration kStartMin = 100ms;

}  // namespace

Chaos::Chaos(const World& world, Climate& climate, Electors& electors, Receiver& receiver, Duration pause_max)
    : world_(world),
      climate_(climate),
      electors_(electors),
      receiver_(receiver),
      pause_max_(pause_max),
      clock_steps_(electors.size()) {
  climate_ = {kFair, kFair};
}

void Chaos::rage_until(Instant end) {
  using Mishap = void (Chaos::*)();
  static constexpr std::array<Mishap, 18> kMishaps{&Chaos::kill_elector,
                                                   &Chaos::kill_elector,
                                                   &Chaos::kill_prometheus,
                                                   &Chaos::kill_prometheus,
                                                   &Chaos::kill_both,
                                                   &Chaos::end_elector,
                                                   &Chaos::end_elector,
                                                   &Chaos::end_prometheus,
                                                   &Chaos::freeze,
                                                   &Chaos::freeze,
                                                   &Chaos::cut_from_lease,
                                                   &Chaos::cut_from_lease,
                                                   &Chaos::cut_from_receiver,
                                                   &Chaos::worsen_weather,
                                                   &Chaos::upset_receiver,
                                                   &Chaos::operate,
                                                   &Chaos::step_clock,
                                                   &Chaos::freeze_in_sending};
  const Duration pause = world_.chance.between(Duration::zero(), pause_max_);
  if (world_.timeline.now() + pause >= end) return;
  world_.timeline.after(pause, [this, end] {
    (this->*world_.chance.pick(kMishaps))();
    rage_until(end);
  });
}

void Chaos::heal() {
  world_.trace.line("----", "all faults stop");
  healed_ = true;
  climate_ = {Weather{}, Weather{}};
  receiver_.be_slow_until(Instant::zero());
  receiver_.process().thaw_now();
  if (!receiver_.lives()) receiver_.start();
  for (const auto& elector : electors_) {
    elector->link().heal();
    elector->receiver_link().heal();
    elector->freeze_in_sending(Duration::zero(), {});
    elector->process().thaw_now();
    elector->writer().process().thaw_now();
    if (elector->writer().is_ending()) elector->writer().kill();
    world_.timeline.after(kStartMin, [&elector] {
      if (!elector->writer().lives()) elector->writer().start();
    });
    if (!elector->lives()) elector->start();
    // One that was on its way out has ended by then.
    world_.timeline.after(2 * Duration(world_.profile.timing.lease_duration), [&elector] {
      if (!elector->lives()) elector->start();
    });
  }
}

Elector& Chaos::any() {
  const auto leads = [](const auto& elector) { return elector->term_with_authority().has_value(); };
  const auto leader = std::ranges::find_if(electors_, leads);
  if (leader != electors_.end() && world_.chance.happens(0.4)) return **leader;
  return *electors_[world_.chance.below(electors_.size())];
}

Duration Chaos::up_to_leases(double count) {
  const double seconds = to_seconds(world_.profile.timing.lease_duration) * world_.chance.between(0, count);
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

void Chaos::kill_elector() {
  Elector& elector = any();
  if (!elector.lives()) return;
  elector.kill();
  if (world_.chance.happens(0.2)) elector.lose_files();
  revive_elector(elector);
}

void Chaos::kill_prometheus() {
  Elector& elector = any();
  if (!elector.writer().lives()) return;
  elector.writer().kill();
  revive_prometheus(elector);
}

void Chaos::kill_both() {
  Elector& elector = any();
  if (!elector.lives() || !elector.writer().lives()) return;
  elector.kill();
  elector.writer().kill();
  if (world_.chance.happens(0.5)) elector.lose_files();
  revive_elector(elector);
  revive_prometheus(elector);
}

void Chaos::end_elector() {
  Elector& elector = any();
  elector.stop();
  revive_elector(elector);
}

void Chaos::end_prometheus() {
  Elector& elector = any();
  elector.writer().terminate();
  revive_prometheus(elector);
}

void Chaos::revive_elector(Elector& elector) {
  world_.timeline.after(up_to_leases(world_.chance.happens(0.5) ? 0.2 : 2), [&elector] {
    if (!elector.lives()) elector.start();
  });
}

void Chaos::revive_prometheus(Elector& elector) {
  world_.timeline.after(kStartMin + up_to_leases(world_.chance.happens(0.5) ? 0.2 : 2), [this, &elector] {
    if (elector.writer().is_ending()) return revive_prometheus(elector);
    if (!elector.writer().lives()) elector.writer().start();
  });
}

void Chaos::freeze() {
  Elector& elector = any();
  const Duration how_long = up_to_leases(2.5);
  const std::size_t what = world_.chance.below(3);
  if (what != 1 && elector.lives()) {
    world_.trace.line(elector.name(), "freezes");
    elector.process().freeze(how_long);
  }
  if (what != 0 && elector.writer().lives()) {
    world_.trace.line(elector.writer().name(), "freezes");
    elector.writer().process().freeze(how_long);
  }
}

void Chaos::cut_from_lease() {
  const Cut how = world_.chance.happens(0.7) ? Cut::black_hole : Cut::refused;
  const bool everyone = world_.chance.happens(0.1);
  const Duration how_long = up_to_leases(2.5);
  Elector& one = any();
  for (const auto& elector : electors_) {
    if (!everyone && elector.get() != &one) continue;
    elector->link().cut(how, how_long);
    world_.trace.line(elector->name(), "is cut off from the lease");
  }
}

void Chaos::cut_from_receiver() {
  const Cut how = world_.chance.happens(0.7) ? Cut::black_hole : Cut::refused;
  const bool everyone = world_.chance.happens(0.3);
  const Duration how_long = up_to_leases(2.5);
  Elector& one = any();
  for (const auto& elector : electors_) {
    if (!everyone && elector.get() != &one) continue;
    elector->receiver_link().cut(how, how_long);
    world_.trace.line(elector->name(), "is cut off from the receiver");
  }
}

Weather Chaos::storm() {
  return {.lost = world_.chance.between(0, 0.3),
          .slow = world_.chance.between(0, 0.5),
          .doubled = world_.chance.between(0, 0.5),
          .delay_max = up_to_leases(world_.chance.happens(0.5) ? 0.4 : 1.5)};
}

void Chaos::worsen_weather() {
  if (world_.chance.happens(0.5)) climate_.to_lease = storm();
  if (world_.chance.happens(0.8)) climate_.to_receiver = storm();
  world_.trace.line("----", "the weather worsens");
  world_.timeline.after(up_to_leases(3), [this] {
    if (!healed_) climate_ = {kFair, kFair};
  });
}

void Chaos::upset_receiver() {
  switch (world_.chance.below(3)) {
    case 0: return restart_receiver();
    case 1: world_.trace.line("recv", "freezes"); return receiver_.process().freeze(up_to_leases(2));
    default: world_.trace.line("recv", "is slow"); receiver_.be_slow_until(world_.timeline.now() + up_to_leases(2));
  }
}

void Chaos::restart_receiver() {
  if (healed_ || !receiver_.lives()) return;
  receiver_.kill();
  world_.timeline.after(up_to_leases(0.5), [this] {
    if (!receiver_.lives()) receiver_.start();
  });
}

// What it decided before it froze arrives when another leads, or is about to, perhaps at a receiver that has been
// restarted since, or one that takes its time.
void Chaos::freeze_in_sending() {
  Elector& elector = any();
  const Duration lease = world_.profile.timing.lease_duration;
  const Duration how_long = world_.chance.happens(0.5) ? lease + up_to_leases(0.3) : up_to_leases(3);
  const bool restarts = world_.chance.happens(0.5);
  elector.freeze_in_sending(how_long, [this, how_long, restarts] {
    if (healed_) return;
    if (!restarts) return receiver_.be_slow_until(world_.timeline.now() + how_long + up_to_leases(1));
    world_.timeline.after(how_long * 3 / 4, [this] { restart_receiver(); });
  });
}

void Chaos::operate() {
  Elector& elector = any();
  if (world_.chance.happens(0.5)) return elector.tell(StepDown{});
  elector.tell(Switchover{any().id()});
}

// Clocks stay within a second of one another.
void Chaos::step_clock() {
  const std::size_t number = world_.chance.below(electors_.size());
  const Duration target = world_.chance.between(-kClockStepMax, kClockStepMax);
  electors_[number]->jump_wall_clock(target - clock_steps_[number]);
  clock_steps_[number] = target;
}

}  // namespace promfleet::sim::gate
