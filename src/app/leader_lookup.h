// Tells the proxy who leads, from the election.
#pragma once

#include <string>

#include "election/runner.h"
#include "elector/proxy/leader_directory.h"

namespace promfleet {

class LeaderLookup final : public elector::LeaderDirectory {
 public:
  // `election` outlives it.
  LeaderLookup(std::string member, election::ElectionRunner& election)
      : member_(std::move(member)), election_(election) {}

  std::optional<elector::Leader> current() const override {
    if (election_.has_authority()) return elector::Leader{.member = member_, .is_self = true};
    leader_ = election_.leader();
    if (leader_.empty() || leader_ == member_) return std::nullopt;
    return elector::Leader{.member = leader_, .is_self = false};
  }

  Task<Result<>> wait_for_change(BootTime deadline) override { return election_.wait_for_change(deadline); }

 private:
  std::string member_;
  election::ElectionRunner& election_;
  mutable std::string leader_;  // what current() gave last
};

}  // namespace promfleet
