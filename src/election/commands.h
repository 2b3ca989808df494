// What the election machine wants done. The runner does it at once and in order.
#pragma once

#include <string>
#include <variant>

#include "election/events.h"

namespace promfleet::election {

// Store calls: at most one is under way, since a new one means that the former is given up. Whatever comes back after
// `deadline` is no longer expected.
struct ReadLease {
  AttemptId attempt;
  BootTime deadline;
};
struct CreateLease {
  AttemptId attempt;
  BootTime deadline;
  LeaseRecord record;
};
struct UpdateLease {
  AttemptId attempt;
  BootTime deadline;
  LeaseRecord record;
  LeaseRevision expected;
};

// To the role's implementer, who works on the latest of these until it can answer Promoted or Demoted.
struct Promote {
  Term term;
  Reason reason;  // acquired or resumed
};
struct Demote {
  Reason reason;
};

// The proof for a restart.
struct SaveTerm {
  Term term;
};
struct ForgetTerm {};

// For the log and the history. `holder` is empty when nobody leads.
struct Transition {
  std::string holder;
  Reason reason;
};

// The machine wants nothing more; the process may end.
enum class Parting : std::uint8_t {
  in_order,    // demoted and released, or nothing is held (any more)
  unreleased,  // demoted, but the store did not take the release: the others wait until the lease has expired
  undemoted,   // the demotion was never confirmed: Prometheus may still run the leader's configuration
};
struct Finish {
  Parting parting = Parting::in_order;
  BootTime lease_stays_until = BootTime::min();  // of an unreleased one
};

using Command =
    std::variant<ReadLease, CreateLease, UpdateLease, Promote, Demote, SaveTerm, ForgetTerm, Transition, Finish>;

}  // namespace promfleet::election
