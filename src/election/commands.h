// What the election machine wants done. The runner does it at once and in order.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "election/events.h"

namespace promfleet::election {

// Why leadership changed, or why a member must not lead.
enum class Reason : std::uint8_t {
  // Seen in the lease.
  acquired,  // a member began a term
  released,  // a term ended, and its demotion was confirmed
  emptied,   // the holder was removed without that: by a client-go member or by hand
  deleted,   // the lease is gone
  // Our own.
  starting,        // nothing proves that an earlier term goes on
  resumed,         // the term of before a restart goes on
  authority_lost,  // no renewal was stored before the deadline
  lease_lost,      // someone else wrote the lease
  unhealthy,       // the local Prometheus is not fit to lead
  load_failed,     // the leader's configuration did not load
  stepped_down,    // an operator asked for it
  switched_over,   // an operator named another member
  stopping,        // the process ends
};

// As one lower-case word, for logs, metrics and the history.
std::string_view to_string(Reason reason);

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
  in_order,   // demoted and released, or nothing was held
  undemoted,  // the demotion was never confirmed: Prometheus may still run the leader's configuration
};
struct Finish {
  Parting parting = Parting::in_order;
};

using Command =
    std::variant<ReadLease, CreateLease, UpdateLease, Promote, Demote, SaveTerm, ForgetTerm, Transition, Finish>;

}  // namespace promfleet::election
