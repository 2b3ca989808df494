// The lease as a store saw it last, whole: what an update lays our fields over.
#pragma once

#include <optional>
#include <string_view>

#include "codec/json/value.h"
#include "core/base/error.h"
#include "election/lease.h"

namespace promfleet::election {

class LastSeen {
 public:
  void take(json::Object document, LeaseRevision revision) { seen_ = Seen{std::move(document), revision}; }
  // From a watch, whose news may come after the answer to a later write of ours.
  void take_if_newer(const json::Object& document, LeaseRevision revision) {
    if (!seen_ || revision > seen_->revision) seen_ = Seen{document, revision};
  }
  void forget() { seen_.reset(); }

  // nullptr: it was not seen last at that revision.
  const json::Object* at(LeaseRevision revision) const {
    return seen_ && seen_->revision == revision ? &seen_->document : nullptr;
  }

  // Why `lease`, just read, cannot be updated at `expected`: not_found or conflict.
  std::unexpected<Error> refusal(std::string_view lease, LeaseRevision expected) const {
    if (!seen_) return fail(Errc::not_found, "update {}: it does not exist", lease);
    return fail(Errc::conflict, "update {}: it is at revision {}, not {}", lease, seen_->revision.value(),
                expected.value());
  }

 private:
  struct Seen {
    json::Object document;
    LeaseRevision revision;
  };
  std::optional<Seen> seen_;
};

}  // namespace promfleet::election
