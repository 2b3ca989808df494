#include "model/byte_size.h"

#include <charconv>
#include <cstdint>
#include <limits>

namespace promfleet {

namespace {

// The power of 1024 that a unit stands for; -1: it is none.
int power_of(std::string_view unit) {
  if (unit.empty() || unit == "B") return 0;
  constexpr std::string_view kPrefixes = "KMGT";
  const std::string_view rest = unit.substr(1);
  const std::size_t prefix = kPrefixes.find(unit[0]);
  if (prefix == std::string_view::npos || (rest != "B" && rest != "iB")) return -1;
  return static_cast<int>(prefix) + 1;
}

}  // namespace

Result<std::size_t> parse_byte_size(std::string_view text) {
  std::int64_t number = 0;
  const auto [unit, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const int power = power_of(text.substr(static_cast<std::size_t>(unit - text.data())));
  const bool fits = power >= 0 && number <= std::numeric_limits<std::int64_t>::max() >> (10 * power);
  if (error != std::errc() || number < 0 || !fits) {
    return fail(Errc::invalid_input, "\"{}\" is not a size: write 64MiB or a number of bytes", text);
  }
  return static_cast<std::size_t>(number) << (10 * power);
}

}  // namespace promfleet
