#include "tests/sim/contender.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace promfleet::sim {

namespace {

using namespace election;

constexpr LeaseTime kEpoch = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);

auto in_seconds(const std::optional<LeaseTime>& time) {
  return time ? std::optional(std::chrono::floor<std::chrono::seconds>(*time)) : std::nullopt;
}

bool looks_the_same(const LeaseSpec& a, const LeaseSpec& b) {
  return a.holder == b.holder && a.duration == b.duration && a.transitions == b.transitions &&
         in_seconds(a.acquire_time) == in_seconds(b.acquire_time) &&
         in_seconds(a.renew_time) == in_seconds(b.renew_time);
}

}  // namespace

Contender::Contender(Setup setup, World world)
    : setup_(std::move(setup)),
      world_(world),
      process_(world.timeline),
      link_(world.timeline, world.chance, world.weather) {}

void Contender::start() {
  process_.begin_life();
  observed_.reset();
  renewed_at_ = world_.timeline.now();
  poll_after(Duration::zero());
}

void Contender::stop() {
  release();
  process_.begin_life();
  world_.timeline.after(setup_.timing.lease_duration, process_.guarded([this] { start(); }));
}

void Contender::poll_after(Duration delay) {
  world_.timeline.after(delay, process_.guarded([this] { poll(); }));
}

void Contender::poll() {
  const Duration period = setup_.timing.retry_period;
  if (believes_to_lead() && world_.timeline.now() > renewed_at_ + setup_.timing.renew_deadline) return stop();
  // Whatever becomes of this attempt, there is a next one.
  poll_after(believes_to_lead() ? period : period + world_.chance.between(Duration::zero(), period * 6 / 5));
  const auto seen = std::make_shared<std::optional<StoredLease>>();
  link_.request([this, seen] { *seen = world_.lease.read(); }, process_.guarded([this, seen] { consider(*seen); }),
                [] {});
}

void Contender::consider(const std::optional<StoredLease>& lease) {
  if (!lease) {
    return write(
        {.holder = setup_.id, .duration = setup_.timing.lease_duration, .acquire_time = wall(), .renew_time = wall()},
        std::nullopt);
  }
  if (!observed_ || !looks_the_same(observed_->record.spec, lease->record.spec)) observe(*lease);
  const LeaseSpec& spec = lease->record.spec;
  if (!spec.holder.empty() && believes_lease_valid() && !believes_to_lead()) return;
  LeaseSpec wanted = spec;
  wanted.holder = setup_.id;
  wanted.duration = setup_.timing.lease_duration;
  wanted.renew_time = wall();
  if (!believes_to_lead()) {
    wanted.acquire_time = wall();
    wanted.transitions = spec.transitions + 1;
  }
  write(std::move(wanted), lease->revision);
}

void Contender::write(LeaseSpec spec, std::optional<LeaseRevision> expected) {
  // It knows nothing of our annotations, and keeps them.
  const auto stored = std::make_shared<std::optional<StoredLease>>();
  // An edit may have made it wait for less than the leader asked for.
  const bool waited = observed_ && observed_->record.spec.duration >= setup_.timing.lease_duration;
  link_.request(
      [this, stored, waited, spec = std::move(spec), expected] {
        const std::optional<StoredLease> before = world_.lease.read();
        LeaseRecord record{.spec = spec, .notes = before ? before->record.notes : LeaseNotes{}};
        const Result<StoredLease> result =
            expected ? world_.lease.update(record, *expected) : world_.lease.create(record);
        if (!result) return;
        *stored = *result;
        if (world_.trace.is_on()) world_.trace.line(setup_.id, "-> stored its record");
        const bool took_over = !spec.holder.empty() && before && !before->record.spec.holder.empty();
        if (took_over && waited) world_.judge.taken_by_contender(before->record.spec);
      },
      process_.guarded([this, stored] {
        if (!*stored) return;
        observe(**stored);
        renewed_at_ = world_.timeline.now();
      }),
      [] {});
}

void Contender::observe(const StoredLease& lease) {
  observed_ = lease;
  observed_at_ = world_.timeline.now();
}

void Contender::release() {
  if (!believes_to_lead()) return;
  LeaseSpec spec{.holder = "",
                 .duration = std::chrono::seconds(1),
                 .acquire_time = wall(),
                 .renew_time = wall(),
                 .transitions = observed_->record.spec.transitions,
                 .acquired_by = observed_->record.spec.acquired_by};
  const std::optional<StoredLease>& lease = world_.lease.read();
  const bool overwrites = setup_.release == Release::overwrites && lease;
  write(std::move(spec), overwrites ? lease->revision : observed_->revision);
}

bool Contender::believes_lease_valid() const {
  const auto seconds = std::min(observed_->record.spec.duration, std::chrono::seconds(kLeaseDurationMax));
  return world_.timeline.now() < observed_at_ + seconds;
}

LeaseTime Contender::wall() const {
  return kEpoch + std::chrono::floor<std::chrono::microseconds>(world_.timeline.now());
}

}  // namespace promfleet::sim
