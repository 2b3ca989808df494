// The latest changes of leadership that this member saw.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <utility>

#include "core/base/time.h"
#include "election/commands.h"

namespace promfleet::election {

struct PastTransition {
  WallTime at;
  std::string holder;  // empty: nobody
  Reason reason;

  bool operator==(const PastTransition&) const = default;
};

class History {
 public:
  static constexpr std::size_t kKept = 32;

  void add(PastTransition transition) {
    if (kept_.size() == kKept) kept_.pop_front();
    kept_.push_back(std::move(transition));
  }

  // Oldest first.
  const std::deque<PastTransition>& transitions() const { return kept_; }

 private:
  std::deque<PastTransition> kept_;
};

}  // namespace promfleet::election
