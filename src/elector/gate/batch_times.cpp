#include "elector/gate/batch_times.h"

#include <algorithm>

namespace promfleet::elector {

namespace {

constexpr std::int64_t kAheadMaxMs = 5'000;
constexpr std::int64_t kGapMinMs = 1'000;

std::vector<std::int64_t> sorted_times_ms(const remote_write::WriteRequest& request) {
  std::vector<std::int64_t> times_ms;
  times_ms.reserve(request.samples().size() + request.histograms().size());
  for (const remote_write::Sample& sample : request.samples()) times_ms.push_back(bounded_ms(sample.timestamp_ms));
  for (const remote_write::Histogram& histogram : request.histograms()) {
    times_ms.push_back(bounded_ms(histogram.timestamp_ms));
  }
  std::ranges::sort(times_ms);
  return times_ms;
}

}  // namespace

std::optional<BatchTimes> BatchTimes::of(const remote_write::WriteRequest& request, std::int64_t now_ms) {
  const std::optional<remote_write::TimeRange> range = request.time_range();
  if (!range) return std::nullopt;
  BatchTimes times;
  times.lowest_ms_ = bounded_ms(range->lowest_ms);
  const std::int64_t highest_ms = bounded_ms(range->highest_ms);
  // All that a busy Prometheus writes is like that, and needs no sorting.
  if (highest_ms <= now_ms + kAheadMaxMs && highest_ms - times.lowest_ms_ < kGapMinMs) {
    times.reach_ms_ = highest_ms;
    return times;
  }
  for (const std::int64_t time_ms : sorted_times_ms(request)) {
    if (time_ms > now_ms + kAheadMaxMs) {
      times.ahead_ms_.push_back(time_ms);
      continue;
    }
    const std::int64_t before_ms = times.reach_ms_.value_or(time_ms);
    if (time_ms - before_ms >= kGapMinMs) times.gaps_.push_back({.from_ms = before_ms, .to_ms = time_ms});
    times.reach_ms_ = time_ms;
  }
  return times;
}

std::optional<std::int64_t> BatchTimes::reach_ms(std::int64_t now_ms) const {
  const auto still_ahead = std::ranges::upper_bound(ahead_ms_, now_ms + kAheadMaxMs);
  return still_ahead == ahead_ms_.begin() ? reach_ms_ : *(still_ahead - 1);
}

}  // namespace promfleet::elector
