#include "election/simulated_lease.h"

namespace promfleet::election {

Result<StoredLease> SimulatedLease::create(const LeaseRecord& record) {
  if (stored_) return fail(Errc::conflict, "the lease exists");
  return store(record);
}

Result<StoredLease> SimulatedLease::update(const LeaseRecord& record, LeaseRevision expected) {
  if (!stored_) return fail(Errc::not_found, "there is no lease");
  if (stored_->revision != expected) {
    return fail(Errc::conflict, "the lease is at revision {}, not {}", stored_->revision.value(), expected.value());
  }
  return store(record);
}

void SimulatedLease::remove() {
  if (!stored_) return;
  stored_.reset();
  last_ = LeaseRevision(last_.value() + 1);
  tell_listeners();
}

const StoredLease& SimulatedLease::store(const LeaseRecord& record) {
  last_ = LeaseRevision(last_.value() + 1);
  stored_ = StoredLease{record, last_};
  tell_listeners();
  return *stored_;
}

void SimulatedLease::tell_listeners() const {
  for (const auto& changed : listeners_) changed();
}

}  // namespace promfleet::election
