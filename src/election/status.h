// What a person or another program may know of this member's part in the election, at one moment.
#pragma once

#include <optional>
#include <string>

#include "core/base/time.h"
#include "election/machine.h"

namespace promfleet::election {

struct ElectionStatus {
  std::string member;
  Role role = Role::idle;
  std::string in_words;  // what the member does, and what it waits for
  bool has_authority = false;
  Duration authority_left{0};
  std::optional<Term> term;  // while this member leads

  std::string leader;  // empty: nobody leads, as far as is known
  std::optional<LeaseTime> leader_since;
  std::optional<StoredLease> lease;  // as last seen

  Health health = Health::unfit;
  bool is_paused = false;
  bool refuses_lease = false;  // the lease has a strategy: coordinated election
  int demotion_overruns = 0;

  // Of the runner.
  std::string store_error;  // of the last call; empty: it was answered
  Duration store_latency{0};
  std::string term_file_error;  // why a restart could not go on with the term; empty: it could
  std::optional<WallTime> last_transition;
};

// All but the runner's part.
ElectionStatus describe(const ElectionMachine& machine, BootTime now);

// Who leads: this member while it has authority, else the holder of a lease that has not run out.
std::string current_leader(const ElectionMachine& machine, BootTime now);

}  // namespace promfleet::election
