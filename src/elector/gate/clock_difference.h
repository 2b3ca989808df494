// How far another member's wall clock is from ours, from what it wrote and when that came (rule 8).
//
// What comes has been on its way for a while, which makes the other clock look slow; so of the latest the smallest
// difference is the nearest to the truth.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "remote_write/fence/rules.h"

namespace promfleet::elector {

// What a receiver allows for between the clocks of two members.
inline constexpr std::chrono::milliseconds kClockDifferenceMax = remote_write::FenceRules{}.clock_grace;

class ClockDifference {
 public:
  // Unix milliseconds by the other's clock and by ours.
  void add(std::int64_t sent_ms, std::int64_t received_ms) {
    if (latest_.size() == kKept) latest_.pop_front();
    latest_.push_back(received_ms - sent_ms);
  }

  // Another member tells from now on.
  void clear() { latest_.clear(); }

  // By how much our clock is ahead of the other's; nullopt: nothing has come yet.
  std::optional<std::int64_t> milliseconds() const {
    if (latest_.empty()) return std::nullopt;
    return *std::ranges::min_element(latest_);
  }

 private:
  static constexpr std::size_t kKept = 8;

  std::deque<std::int64_t> latest_;
};

}  // namespace promfleet::elector
