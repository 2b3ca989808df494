// What leading means here: implemented by whoever gives the leader's work to a Prometheus, or to an edge's pipeline.
//
// It works on the latest order until it is done, then tells the runner: promoted() or promotion_failed(), demoted().
// All calls return at once. Having been told to lead is not authority: whoever acts asks
// ElectionRunner::has_authority.
#pragma once

#include "election/commands.h"

namespace promfleet::election {

class Leadership {
 public:
  virtual ~Leadership() = default;

  // `reason`: acquired, or resumed after a restart of this process.
  virtual void assume(const Term& term, Reason reason) = 0;
  virtual void relinquish(Reason reason) = 0;
  // The lease has expired, and what is to be relinquished is still at work as far as is known: another may lead now.
  virtual void overran() = 0;
};

}  // namespace promfleet::election
