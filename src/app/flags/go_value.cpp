#include "app/flags/go_value.h"

#include <array>
#include <cctype>
#include <charconv>
#include <limits>
#include <optional>

namespace promfleet {

namespace {

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};

// "us" has two more spellings: with the micro sign (U+00B5) and with the Greek letter mu (U+03BC).
constexpr std::array kUnits = {
    Unit{"ns", 1},         Unit{"us", 1'000},        Unit{"\u00b5s", 1'000},    Unit{"\u03bcs", 1'000},
    Unit{"ms", 1'000'000}, Unit{"s", 1'000'000'000}, Unit{"m", 60'000'000'000}, Unit{"h", 3'600'000'000'000},
};

std::optional<std::int64_t> find_unit(std::string_view name) {
  for (const Unit& unit : kUnits) {
    if (unit.name == name) return unit.nanoseconds;
  }
  return std::nullopt;
}

std::string_view take_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

// One "1.5h" of a duration, taken off the front of `text`; nullopt when it is none.
std::optional<std::int64_t> take_part(std::string_view& text) {
  const std::string_view whole = take_digits(text);
  std::string_view fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_digits(text);
  }
  if (whole.empty() && fraction.empty()) return std::nullopt;
  std::size_t unit_size = 0;
  while (unit_size < text.size() && text[unit_size] != '.' && !is_digit(text[unit_size])) ++unit_size;
  const std::optional<std::int64_t> unit = find_unit(text.substr(0, unit_size));
  if (!unit) return std::nullopt;
  text.remove_prefix(unit_size);

  std::int64_t value = 0;
  for (const char digit : whole) {
    if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, digit - '0', &value)) {
      return std::nullopt;
    }
  }
  if (__builtin_mul_overflow(value, *unit, &value)) return std::nullopt;
  std::int64_t scale = *unit;
  for (const char digit : fraction) {
    scale /= 10;
    if (scale == 0) break;  // below a nanosecond
    if (__builtin_add_overflow(value, (digit - '0') * scale, &value)) return std::nullopt;
  }
  return value;
}

}  // namespace

Result<bool> parse_go_bool(std::string_view text) {
  for (const std::string_view yes : {"1", "t", "T", "TRUE", "true", "True"}) {
    if (text == yes) return true;
  }
  for (const std::string_view no : {"0", "f", "F", "FALSE", "false", "False"}) {
    if (text == no) return false;
  }
  return fail(Errc::invalid_input, "\"{}\" is not a boolean: use true or false", text);
}

Result<std::int64_t> parse_go_int(std::string_view text) {
  const auto refuse = [&] { return fail(Errc::invalid_input, "\"{}\" is not a whole number", text); };
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  int base = 10;
  if (rest.size() > 1 && rest[0] == '0') {
    const char mark = static_cast<char>(rest[1] | 0x20);
    base = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
    rest.remove_prefix(mark == 'x' || mark == 'b' || mark == 'o' ? 2 : 1);
  }
  std::string digits;
  char before = base == 10 ? '_' : '0';  // an underscore may follow a base prefix, not begin a decimal number
  for (const char c : rest) {
    if (c == '_' && before == '_') return refuse();
    if (c != '_') digits += c;
    before = c;
  }
  if (digits.empty() || before == '_' || !std::isxdigit(static_cast<unsigned char>(digits[0]))) return refuse();
  if (negative) digits.insert(digits.begin(), '-');
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc() || end != digits.data() + digits.size()) return refuse();
  return value;
}

Result<Duration> parse_go_duration(std::string_view text) {
  const auto refuse = [&] {
    return fail(Errc::invalid_input, "\"{}\" is not a duration: write it like 300ms, 15s or 1m30s", text);
  };
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest == "0") return Duration(0);
  if (rest.empty()) return refuse();
  std::int64_t total = 0;
  while (!rest.empty()) {
    const std::optional<std::int64_t> part = take_part(rest);
    if (!part || __builtin_add_overflow(total, *part, &total)) return refuse();
  }
  return Duration(negative ? -total : total);
}

std::string format_go_duration(Duration duration) {
  if (duration == Duration(0)) return "0s";
  std::string out = duration < Duration(0) ? "-" : "";
  std::int64_t rest = duration < Duration(0) ? -duration.count() : duration.count();
  constexpr std::array units = {kUnits[7], kUnits[6], kUnits[5], kUnits[4], kUnits[1], kUnits[0]};
  for (const Unit& unit : units) {
    if (rest >= unit.nanoseconds) out += fmt::format("{}{}", rest / unit.nanoseconds, unit.name);
    rest %= unit.nanoseconds;
  }
  return out;
}

}  // namespace promfleet
