#include "election/lease_view.h"

#include <algorithm>

#include "election/records.h"

namespace promfleet::election {

namespace {

std::chrono::seconds believable(std::chrono::seconds duration) {
  return std::clamp(duration, kLeaseDurationMin, kLeaseDurationMax);
}

}  // namespace

LeaseView::News LeaseView::observe(const StoredLease& lease, std::optional<BootTime> asked_at, BootTime now) {
  const bool older = lease.revision < newest_ || (is_absent() && lease.revision == newest_);
  const bool restored = older && asked_at && *asked_at >= changed_at_;
  if (older && !restored) return News::none;
  heard_at_ = now;
  if (stored_ && lease.revision == newest_) return News::none;

  const bool same_spec = stored_ && stored_->record.spec == lease.record.spec && !restored;
  known_ = true;
  stored_ = lease;
  newest_ = lease.revision;
  changed_at_ = now;
  if (same_spec) return News::revision;

  seen_at_ = now;
  if (!lease.record.spec.holder.empty()) last_held_duration_ = believable(lease.record.spec.duration);
  return News::spec;
}

LeaseView::News LeaseView::observe_absent(std::optional<BootTime> asked_at, BootTime now) {
  if (asked_at && *asked_at < changed_at_) return News::none;
  heard_at_ = now;
  if (is_absent()) return News::none;
  known_ = true;
  stored_.reset();
  changed_at_ = now;
  seen_at_ = now;
  return News::spec;
}

BootTime LeaseView::free_at(std::string_view member, const Timing& timing) const {
  if (!known_) return kNever;
  if (stored_) return stored_free_at(member, timing.lease_duration);
  return last_held_duration_ ? seen_at_ + timing.recreate_grace() : seen_at_;
}

BootTime LeaseView::stored_free_at(std::string_view member, std::chrono::seconds own_duration) const {
  const LeaseRecord& record = stored_->record;
  if (record.spec.strategy) return kNever;
  if (is_confirmed_release(record)) {
    const std::optional<std::string>& next = record.notes.next_holder;
    return !next || *next == member ? seen_at_ : seen_at_ + own_duration;
  }
  const std::chrono::seconds asked =
      record.spec.holder.empty() ? last_held_duration_.value_or(own_duration) : believable(record.spec.duration);
  return seen_at_ + std::max(asked, own_duration);
}

}  // namespace promfleet::election
