// One lease in memory with the compare-and-swap of a real store, and the hands of an operator.
//
// Thread safety: none.
#pragma once

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "election/lease.h"

namespace promfleet::election {

class SimulatedLease {
 public:
  const std::optional<StoredLease>& read() const { return stored_; }
  // Errc::conflict: it exists.
  Result<StoredLease> create(const LeaseRecord& record);
  // Errc::conflict: it is not at `expected`; not_found: there is none.
  Result<StoredLease> update(const LeaseRecord& record, LeaseRevision expected);

  // Without asking for a revision, as with kubectl. Revisions go on growing over a deletion.
  void edit(const LeaseRecord& record) { store(record); }
  void remove();

  // From now on `changed` is called after each change.
  void on_change(std::function<void()> changed) { listeners_.push_back(std::move(changed)); }

 private:
  const StoredLease& store(const LeaseRecord& record);
  void tell_listeners() const;

  std::optional<StoredLease> stored_;
  LeaseRevision last_;
  std::vector<std::function<void()>> listeners_;
};

}  // namespace promfleet::election
