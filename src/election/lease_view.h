// What one member knows of the stored lease, and how old that knowledge is by its own clock (rules 2 and 3).
//
// News reaches it twice and in any order: from a watch, from reads, from the answers to its own writes. The revision
// says which is newer.
#pragma once

#include <optional>
#include <string_view>

#include "core/base/time.h"
#include "election/lease.h"
#include "election/timing.h"

namespace promfleet::election {

class LeaseView {
 public:
  // What an observation changed.
  enum class News : std::uint8_t {
    none,      // nothing, or it was older than what is known
    revision,  // someone touched annotations or other metadata: the age of the spec goes on
    spec,      // another spec: its age begins now
  };

  // `asked_at`: when the call that brought it was sent; nullopt for a watch. A store that is asked after we learned a
  // revision and answers with a lower one was restored from a backup: what it says now is what counts.
  News observe(const StoredLease& lease, std::optional<BootTime> asked_at, BootTime now);
  News observe_absent(std::optional<BootTime> asked_at, BootTime now);

  bool is_known() const { return known_; }
  bool is_absent() const { return known_ && !stored_; }
  // nullptr: absent, or nothing is known yet.
  const StoredLease* stored() const { return stored_ ? &*stored_ : nullptr; }
  // When the present spec, or the absence, was seen first.
  BootTime seen_at() const { return seen_at_; }
  // When anything was heard last, also that nothing has changed.
  BootTime heard_at() const { return heard_at_; }

  // When `member` may write: take over a lease, or create one that is absent. kNever while nothing is known.
  //
  // A record is never believed when it asks for less time than `timing` gives: an edit to one second would otherwise
  // hand the lease on while its cut-off leader still has authority.
  BootTime free_at(std::string_view member, const Timing& timing) const;

 private:
  BootTime stored_free_at(std::string_view member, std::chrono::seconds own_duration) const;

  bool known_ = false;
  std::optional<StoredLease> stored_;
  BootTime seen_at_{};
  BootTime heard_at_{};
  LeaseRevision newest_;  // outlives a deletion
  BootTime changed_at_ = BootTime::min();
  std::optional<std::chrono::seconds> last_held_duration_;
};

}  // namespace promfleet::election
