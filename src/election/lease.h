// The lease record: which member of a group is its leader, since when and for how long.
//
// Field for field client-go's LeaderElectionRecord, so that Go electors and ours contend for the same Lease.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/base/strong_id.h"
#include "core/base/time.h"

namespace promfleet::election {

// The store's version of a record. Grows with each change of one lease in one store; comparable nowhere else.
using LeaseRevision = StrongId<struct LeaseRevisionTag>;

// The revision at which a term was acquired. A later term has a larger one; what a fenced receiver compares.
using FencingToken = StrongId<struct FencingTokenTag>;

// Wall times of a record, in the microseconds that stores keep.
using LeaseTime = std::chrono::sys_time<std::chrono::microseconds>;

// Tells a process from others that bear its name: a random number of 63 bits, another one at each start.
using ProcessNumber = StrongId<struct ProcessNumberTag>;

// The part of a stored lease that says who leads. A change here restarts a follower's clock; notes do not.
struct LeaseSpec {
  std::string holder;                     // empty: nobody
  std::chrono::seconds duration{0};       // leaseDurationSeconds; as stored, not clamped
  std::optional<LeaseTime> acquire_time;  // names the term
  std::optional<LeaseTime> renew_time;
  std::int32_t transitions = 0;
  // The process that began the term; kept in an annotation, since client-go's record has no place for it. Namesakes may
  // write the same of everything else.
  std::optional<ProcessNumber> acquired_by;
  std::optional<std::string> strategy;  // coordinated election: we refuse to take part

  bool operator==(const LeaseSpec&) const = default;
};

// Ours, in the lease's annotations. Annotations of others are kept by the store and never seen here.
struct LeaseNotes {
  // The acquireTime of a term that ended after its demotion was confirmed: the lease may be taken over at once.
  std::optional<LeaseTime> released_term;
  // The member for whom the others leave the lease alone for one lease duration.
  std::optional<std::string> next_holder;
  // How far the group has come, as leaders tell it to those who follow; opaque here (progress.h).
  std::optional<std::string> progress;

  bool operator==(const LeaseNotes&) const = default;
};

struct LeaseRecord {
  LeaseSpec spec;
  LeaseNotes notes;

  bool operator==(const LeaseRecord&) const = default;
};

struct StoredLease {
  LeaseRecord record;
  LeaseRevision revision;

  bool operator==(const StoredLease&) const = default;
};

}  // namespace promfleet::election
