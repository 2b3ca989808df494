#include "elector/gate/destination_gate.h"

#include <algorithm>

namespace promfleet::elector {

namespace {

// A candidate whose samples begin so long before the watermark lacks nothing (rule 11).
constexpr std::chrono::milliseconds kOverlap = std::chrono::seconds(60);

// With a lateness of less than a minute and a half a follower holds less.
std::chrono::milliseconds needed_overlap(std::chrono::milliseconds lateness) {
  return std::min(kOverlap, lateness * 2 / 3);
}

}  // namespace

void DestinationGate::begin_term() {
  state_ = State::fencing;
  may_resume_ = false;
}

void DestinationGate::end_term() {
  state_ = State::closed;
  may_resume_ = false;
}

void DestinationGate::open() {
  if (state_ == State::fencing) state_ = State::open;
}

void DestinationGate::shut_out() {
  if (state_ != State::closed) state_ = State::shut_out;
}

void DestinationGate::fence_again() {
  if (state_ == State::open) state_ = State::fencing;
}

void DestinationGate::heard(std::size_t stream, std::int64_t watermark_ms) {
  std::optional<std::int64_t>& known = streams_[stream].watermark_ms;
  known = std::max(known.value_or(bounded_ms(watermark_ms)), bounded_ms(watermark_ms));
}

bool DestinationGate::arrived(std::size_t stream, const BatchTimes& batch, std::int64_t now_ms) {
  Stream& of = streams_[stream];
  of.offered_ms = batch.lowest_ms();
  const std::optional<std::int64_t> reach = batch.reach_ms(now_ms);
  if (!reach) return false;
  const std::int64_t newest = of.newest_ms.value_or(*reach);
  of.newest_ms = std::max(newest, *reach);
  const auto is_jump = [&](const BatchTimes::Gap& gap) {
    return gap.to_ms - std::max(gap.from_ms, newest) > lateness_.count();
  };
  return is_jump({.from_ms = newest, .to_ms = batch.lowest_ms()}) || std::ranges::any_of(batch.gaps(), is_jump);
}

// Who leads sends what it held until then; of that it lets nothing go that it has not passed on.
DestinationGate::Verdict DestinationGate::judge(const BatchTimes& batch, Authority authority,
                                                std::int64_t now_ms) const {
  if (state_ == State::open && authority == Authority::present) return Verdict::pass_on;
  if (state_ != State::closed || may_resume_) return Verdict::hold;
  const std::optional<std::int64_t> reach = batch.reach_ms(now_ms);
  if (!reach) return Verdict::acknowledge;
  const std::optional<std::int64_t> arrived = arrived_ms();
  return arrived && *reach <= *arrived - lateness_.count() ? Verdict::acknowledge : Verdict::hold;
}

// The lowest time of a batch, since what comes later may begin there once more; so several queues of one Prometheus
// that share a stream do not mislead, as long as they are not further apart than the lateness.
void DestinationGate::stored(std::size_t stream, const BatchTimes& batch, std::int64_t now_ms) {
  heard(stream, std::min(batch.lowest_ms(), now_ms));
}

void DestinationGate::source_restarted() {
  for (Stream& stream : streams_) {
    stream.offered_ms.reset();
    stream.newest_ms.reset();
  }
}

std::optional<std::int64_t> DestinationGate::arrived_ms() const {
  std::optional<std::int64_t> lowest;
  for (const Stream& stream : streams_) {
    if (!stream.watermark_ms) return std::nullopt;
    lowest = std::min(lowest.value_or(*stream.watermark_ms), *stream.watermark_ms);
  }
  return lowest;
}

// With x as much missing as y should be there: x / (x + y) of a lease.
Duration DestinationGate::handicap(Duration lease_duration) const {
  const std::int64_t needed = needed_overlap(lateness_).count();
  double share = 0;
  for (const Stream& stream : streams_) {
    if (!stream.watermark_ms) continue;
    if (!stream.offered_ms) return lease_duration;
    const auto missing = std::max<std::int64_t>(*stream.offered_ms - (*stream.watermark_ms - needed), 0);
    share = std::max(share, static_cast<double>(missing) / static_cast<double>(missing + needed));
  }
  return std::chrono::duration_cast<Duration>(lease_duration * share);
}

}  // namespace promfleet::elector
