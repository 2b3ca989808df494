// What can happen to a member of an election. The machine is told one event at a time, with the time.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "core/base/strong_id.h"
#include "core/base/time.h"
#include "election/lease.h"
#include "election/reason.h"

namespace promfleet::election {

// Both clocks at the moment of an event. Decisions use `boot` alone; `wall` is what records and history show.
struct Now {
  BootTime boot;
  WallTime wall;
};

// Tells the answer to the present store call from a late one to a call that was given up.
using AttemptId = StrongId<struct AttemptIdTag>;

// Content of the leader's configuration, by hash: the same content need not be tried again soon.
using ConfigHash = StrongId<struct ConfigHashTag>;

// A term of leadership, as the one who leads knows it.
struct Term {
  LeaseTime acquire_time;
  FencingToken token;
  std::optional<ProcessNumber> acquired_by = {};

  bool operator==(const Term&) const = default;
};

// The process begins. `proof` is the term of the state file, which alone can tell our term from a namesake's (rule 6).
struct Started {
  std::optional<Term> proof;
};

// Whether the local Prometheus could lead: it is ready and healthy. Unfit until the first of these.
enum class Health : std::uint8_t { unfit, fit };
struct HealthChanged {
  Health health;
};

// The watch shows the lease as it is, or that there is none.
struct Watched {
  std::optional<StoredLease> lease;
};

// Answers of the store to the call with that id.
struct ReadAnswered {
  AttemptId attempt;
  std::optional<StoredLease> lease;
};
struct WriteStored {
  AttemptId attempt;
  StoredLease lease;
};
enum class Refusal : std::uint8_t { conflict, not_found };
struct WriteRefused {
  AttemptId attempt;
  Refusal refusal;
};
// Anything else: a write may or may not have been stored.
struct CallFailed {
  AttemptId attempt;
};

// Answers of the role's implementer (leadership.h).
struct Promoted {
  // The leader's configuration that is in force, the newest or an older one; nullopt: only the part that makes a
  // leader.
  std::optional<ConfigHash> config;
};
struct PromotionFailed {
  ConfigHash config;
};
struct Demoted {};
// It cannot go on as leader, and another may be able to: as if an operator asked for it.
struct Yielded {
  Reason reason;
};
// It has less to give as a leader than others: how much longer than they this member leaves a free lease alone, until
// another of these is told.
struct HandicapChanged {
  Duration handicap;
};

// The leader's configuration, as it is wanted from now on.
struct ConfigChanged {
  ConfigHash config;
};

// What an operator asks of this member.
struct StepDown {};
struct Switchover {
  std::string to;
};
struct Pause {};
struct Resume {};

// The process is to end: demote, release, then Finish.
struct Stop {};

// The time of wake_at() has come.
struct Tick {};

using Event = std::variant<Started, HealthChanged, Watched, ReadAnswered, WriteStored, WriteRefused, CallFailed,
                           Promoted, PromotionFailed, Demoted, Yielded, HandicapChanged, ConfigChanged, StepDown,
                           Switchover, Pause, Resume, Stop, Tick>;

}  // namespace promfleet::election
