// A lease names one member of a group as its leader for a limited time.
//
// The store only compares and swaps. It knows nothing of roles, of clocks or of what an expired lease means: that is
// the election machine's, which is why one algorithm serves Kubernetes, etcd and a plain file.
//
// Errors of every call: Errc::unreachable, refused or timed_out (no answer: a write may or may not have been stored, so
// read() before relying on either), unavailable (the store said "not now"), unauthorized, forbidden (the message names
// the permission that is missing), protocol (what is stored is not a lease), invalid_input (the store says what is
// wrong with the record or its name), limit_exceeded, cancelled. Errc::not_found is only ever about the lease.
//
// Thread safety: none; a store belongs to one io thread. One call at a time; watch() may run beside the others.
#pragma once

#include <functional>
#include <optional>

#include "core/async/task.h"
#include "core/base/error.h"
#include "core/base/time.h"
#include "election/lease.h"

namespace promfleet::election {

class LeaseStore {
 public:
  // A lease as it is now; nullopt: it does not exist (any more).
  using OnChange = std::function<void(const std::optional<StoredLease>&)>;

  virtual ~LeaseStore() = default;

  // The record as stored now. nullopt (not an error) before the first member has created it.
  virtual Task<Result<std::optional<StoredLease>>> read(BootTime deadline) = 0;

  // Stores the first record. Errc::conflict: it exists already, and nothing changed.
  virtual Task<Result<StoredLease>> create(const LeaseRecord& record, BootTime deadline) = 0;

  // Replaces the record if it is still at `expected`. Errc::conflict: someone was faster (or deleted it, which is
  // Errc::not_found), and nothing changed. Fields and annotations that are not ours stay as they are.
  virtual Task<Result<StoredLease>> update(const LeaseRecord& record, LeaseRevision expected, BootTime deadline) = 0;

  // Calls `on_change` with the record as it is now and after each change, until the connection ends or the task is
  // cancelled; a change may be skipped when a later one follows it. Returns why it ended; the caller watches again.
  // A store that cannot watch returns Errc::unsupported at once: its user polls.
  virtual Task<Result<>> watch(OnChange on_change) = 0;
};

}  // namespace promfleet::election
