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
    queue_.push_back({std::max(when, now_), scheduled_++, place_for(std::move(happens))});
    std::ranges::push_heap(queue_, later);
  }
  void after(Duration delay, std::function<void()> happens) { at(now_ + delay, std::move(happens)); }

  // Lets the next thing happen. false: nothing is left before `end`.
  bool step(Instant end) {
    if (queue_.empty() || queue_.front().when >= end) return false;
    std::ranges::pop_heap(queue_, later);
    const Entry entry = queue_.back();
    queue_.pop_back();
    now_ = entry.when;
    const std::function<void()> happens = std::move(callbacks_[entry.place]);
    free_places_.push_back(entry.place);
    happens();
    return true;
  }

 private:
  struct Entry {
    Instant when;
    std::uint64_t order;
    std::size_t place;
  };

  static bool later(const Entry& a, const Entry& b) { return std::pair(a.when, a.order) > std::pair(b.when, b.order); }

  std::size_t place_for(std::function<void()> happens) {
    if (free_places_.empty()) {
      callbacks_.push_back(std::move(happens));
      return callbacks_.size() - 1;
    }
    const std::size_t place = free_places_.back();
    free_places_.pop_back();
    callbacks_[place] = std::move(happens);
    return place;
  }

  std::vector<Entry> queue_;                      // a heap
  std::vector<std::function<void()>> callbacks_;  // of its entries, beside it, since these are moved often
  std::vector<std::size_t> free_places_;          // there
  Instant now_{0};
  std::uint64_t scheduled_ = 0;
};

}  // namespace promfleet::sim
