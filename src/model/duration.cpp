#include "model/duration.h"

#include <array>
#include <cstdint>

namespace promfleet {

namespace {

struct Unit {
  std::string_view name;
  Duration length;
};

// Largest first: the order in which they may follow one another.
constexpr std::array kUnits = {
    Unit{"y", std::chrono::hours(24 * 365)},
    Unit{"w", std::chrono::hours(24 * 7)},
    Unit{"d", std::chrono::hours(24)},
    Unit{"h", 1h},
    Unit{"m", 1min},
    Unit{"s", 1s},
    Unit{"ms", 1ms},
};

// The number at the front of `text`, taken off it; -1 when there is none or it is too large.
std::int64_t take_number(std::string_view& text) {
  std::int64_t number = -1;
  while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    if (number < 0) number = 0;
    if (__builtin_mul_overflow(number, 10, &number) || __builtin_add_overflow(number, text[0] - '0', &number))
      return -1;
    text.remove_prefix(1);
  }
  return number;
}

}  // namespace

Result<Duration> parse_prometheus_duration(std::string_view text) {
  const auto refuse = [&] {
    return fail(Errc::invalid_input, "\"{}\" is not a duration: write it like 15s, 1h30m or 1d", text);
  };
  if (text == "0") return Duration(0);
  std::string_view rest = text;
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  do {
    const std::int64_t number = take_number(rest);
    const std::string_view name = rest.substr(0, rest.find_first_of("0123456789"));
    rest.remove_prefix(name.size());
    while (next_unit < kUnits.size() && kUnits[next_unit].name != name) ++next_unit;
    if (number < 0 || next_unit == kUnits.size()) return refuse();
    std::int64_t part = 0;
    if (__builtin_mul_overflow(number, kUnits[next_unit].length.count(), &part)) return refuse();
    if (__builtin_add_overflow(total, part, &total)) return refuse();
    ++next_unit;
  } while (!rest.empty());
  return Duration(total);
}

}  // namespace promfleet
