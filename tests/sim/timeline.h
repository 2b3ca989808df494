// The order of everything in one simulated run: callbacks by time, then by the order of their scheduling.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "core/base/time.h"

namespace promfleet::sim {

// True time since the beginning of the run. No member can read it.
using Instant = Duration;

class Timeline {
 public:
  Instant now() const { return now_; }

  void at(Instant when, std::function<void()> happens) {
    queue_.push_back({std::max(when, now_), scheduled_++, std::move(happens)});
    std::ranges::push_heap(queue_, later);
  }
  void after(Duration delay, std::function<void()> happens) { at(now_ + delay, std::move(happens)); }

  // Lets the next thing happen. false: nothing is left before `end`.
  bool step(Instant end) {
    if (queue_.empty() || queue_.front().when >= end) return false;
    std::ranges::pop_heap(queue_, later);
    const Entry entry = std::move(queue_.back());
    queue_.pop_back();
    now_ = entry.when;
    entry.happens();
    return true;
  }

 private:
  struct Entry {
    Instant when;
    std::uint64_t order;
    std::function<void()> happens;
  };

  static bool later(const Entry& a, const Entry& b) { return std::pair(a.when, a.order) > std::pair(b.when, b.order); }

  std::vector<Entry> queue_;
  Instant now_{0};
  std::uint64_t scheduled_ = 0;
};

}  // namespace promfleet::sim
