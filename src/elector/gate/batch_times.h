// The times in one batch, as far as the gate decides by them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "codec/remote_write/write_request.h"

namespace promfleet::elector {

// Whoever writes may name any time. So far away one is as good as another, and sums with it do not overflow.
constexpr std::int64_t bounded_ms(std::int64_t time_ms) {
  constexpr std::int64_t kFarMs = std::numeric_limits<std::int64_t>::max() / 4;
  return std::clamp(time_ms, -kFarMs, kFarMs);
}

class BatchTimes {
 public:
  // Two times with no sample between them.
  struct Gap {
    std::int64_t from_ms = 0;
    std::int64_t to_ms = 0;
  };

  // Of the samples and histograms; nullopt: there are none. Times are Unix milliseconds.
  static std::optional<BatchTimes> of(const remote_write::WriteRequest& request, std::int64_t now_ms);

  std::int64_t lowest_ms() const { return lowest_ms_; }

  // Those of a second or more, ascending, up to reach_ms() on arrival. A batch of what was held for long may span more
  // time than can be missing between two.
  std::span<const Gap> gaps() const { return gaps_; }

  // The highest time that is not more than 5 s ahead of the clock (rule 3); nullopt: all are. A scrape target may
  // report any time, and one far ahead must not hold up the others for ever.
  std::optional<std::int64_t> reach_ms(std::int64_t now_ms) const;

 private:
  std::int64_t lowest_ms_ = 0;
  std::optional<std::int64_t> reach_ms_;  // on arrival
  std::vector<std::int64_t> ahead_ms_;    // then ahead of the clock; ascending
  std::vector<Gap> gaps_;
};

}  // namespace promfleet::elector
