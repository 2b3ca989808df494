// Whether one sample may stand behind the last one of its series: rules 5 to 8 of ARCHITECTURE.md, "Gate".
//
// Two members scrape the same targets at different moments and by different clocks. A new leader sends again what the
// old one may have sent already; what it repeats, or what would step back in time or look like a counter's reset, is
// covered: the sender hears that it is well, and nothing is stored.
#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>

#include "codec/remote_write/write_request.h"
#include "remote_write/fence/series_table.h"

namespace promfleet::remote_write {

struct FenceRules {
  // At least the difference between the clocks of any two members.
  std::chrono::milliseconds clock_grace{2'000};
  // One scrape time-out: what another member's clock may make of a counter.
  std::chrono::milliseconds counter_grace{15'000};
};

// Whose the last sample of a series is.
enum class Author : std::uint8_t {
  same,  // of the process that writes now: what it has behind its own last sample nobody else can have stored
  another,
};

enum class Verdict : std::uint8_t {
  store,
  duplicate,  // the same author's, and not later than what is stored
  covered,    // another one's samples reach up to here
};

// A sample or native histogram, as far as the rules look at it.
struct Measured {
  std::int64_t timestamp_ms = 0;
  double value = 0;
  ValueKind kind = ValueKind::number;
  bool is_stale_marker = false;

  static Measured of(const Sample& sample);
  static Measured of(const Histogram& histogram);
};

// Whether the series only grows but for resets: by the type that 2.0 tells, else by how its name ends. (Of a native
// histogram its value tells.)
bool is_counter(MetricType type, std::string_view name);

constexpr std::int64_t later(std::int64_t timestamp_ms, std::chrono::milliseconds by) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(timestamp_ms, by.count(), &sum)) return sum;
  return std::numeric_limits<std::int64_t>::max();
}

// `is_counter` is asked only where it matters.
template <class IsCounter>
Verdict judge(const SeriesState& last, const Measured& next, Author author, const FenceRules& rules,
              IsCounter is_counter) {
  if (last.kind == ValueKind::none) return Verdict::store;
  if (author == Author::same) {
    return next.timestamp_ms <= last.timestamp_ms ? Verdict::duplicate : Verdict::store;
  }
  if (next.timestamp_ms <= last.timestamp_ms) return Verdict::covered;
  if (next.is_stale_marker) return Verdict::store;
  if (next.timestamp_ms <= later(last.timestamp_ms, rules.clock_grace)) return Verdict::covered;
  const bool is_lower = next.kind == last.kind && next.value < last.value &&
                        next.timestamp_ms <= later(last.timestamp_ms, rules.counter_grace);
  if (is_lower && (next.kind == ValueKind::histogram || is_counter())) return Verdict::covered;
  return Verdict::store;
}

}  // namespace promfleet::remote_write
