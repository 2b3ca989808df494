// Whether this member could take over: what a readiness probe asks, so that an update goes on to the next pod only
// then, and a Service leads to no member that has nothing to say yet.
//
// Once it could, it is ready until it leaves. An outage of the lease store or of Prometheus meets all members at once:
// if that took them out of their Service, nobody would answer at all.
//
// With a gate it could once it holds all that the leader might take with it, which takes that long only as the
// destination accepts what the leader sends. So there is a time after which it is ready all the same: one by which it
// would hold that much in any case, while everything works.
//
// Thread safety: none; lives on one io thread.
#pragma once

#include <optional>
#include <string>

#include "elector/status/view.h"

namespace promfleet::elector {

class TakeoverReadiness {
 public:
  // Why this member is not ready, in one line; nullopt: it is.
  std::optional<std::string> why_not(const StatusView& view);
  // From now on this member goes.
  void leave() { is_leaving_ = true; }

 private:
  std::optional<std::string> why_gate_is_not(const StatusView& view);

  bool has_been_ready_ = false;
  bool is_leaving_ = false;
  std::optional<BootTime> lacks_gate_alone_since_;  // when it was first seen that only the gate is not ready
};

}  // namespace promfleet::elector
