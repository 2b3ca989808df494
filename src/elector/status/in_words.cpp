#include "elector/status/in_words.h"

#include <algorithm>
#include <cstdint>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace promfleet::elector {

namespace {

// Beyond it a difference of two times that people wrote by hand may not fit into a Duration.
constexpr std::chrono::hours kAgeMax{100 * 365 * 24};

std::string two_units(std::int64_t larger, char larger_unit, std::int64_t smaller, char smaller_unit) {
  if (smaller == 0) return fmt::format("{}{}", larger, larger_unit);
  return fmt::format("{}{} {}{}", larger, larger_unit, smaller, smaller_unit);
}

}  // namespace

std::string span_in_words(Duration span) {
  constexpr std::int64_t kMinute = 60;
  constexpr std::int64_t kHour = 60 * kMinute;
  constexpr std::int64_t kDay = 24 * kHour;
  span = std::max(span, Duration::zero());
  const std::int64_t seconds = std::chrono::floor<std::chrono::seconds>(span).count();
  if (seconds < 1) return fmt::format("{}ms", span / 1ms);
  if (seconds < 10) return fmt::format("{}.{}s", seconds, span % 1s / 100ms);
  if (seconds < kMinute) return fmt::format("{}s", seconds);
  if (seconds < kHour) return two_units(seconds / kMinute, 'm', seconds % kMinute, 's');
  if (seconds < kDay) return two_units(seconds / kHour, 'h', seconds % kHour / kMinute, 'm');
  return two_units(seconds / kDay, 'd', seconds % kDay / kHour, 'h');
}

std::string time_in_words(rfc3339::MicroTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)));
}

std::string age_in_words(rfc3339::MicroTime then, rfc3339::MicroTime now) {
  return span_in_words(std::clamp<std::chrono::microseconds>(now - then, 0us, kAgeMax));
}

}  // namespace promfleet::elector
