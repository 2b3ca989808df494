// How long to wait before something that failed is tried again: longer each time, and at least as long as was asked
// for.
#pragma once

#include <algorithm>
#include <optional>

#include "core/base/time.h"

namespace promfleet::elector {

class Backoff {
 public:
  Duration next(std::optional<Duration> asked_for) {
    const Duration pause = std::max(pause_, asked_for.value_or(Duration::zero()));
    pause_ = std::min<Duration>(pause_ * 2, kMax);
    return pause;
  }

 private:
  static constexpr Duration kMax = 5s;

  Duration pause_ = 30ms;
};

}  // namespace promfleet::elector
