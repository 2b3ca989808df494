#include "net/http/http_date.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

namespace promfleet::http {

namespace {

constexpr std::array<std::string_view, 7> kWeekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// The years that nanoseconds in 64 bits hold wholly.
constexpr int kYearMin = 1678;
constexpr int kYearMax = 2261;

// -1 if it is none.
int number_of(std::string_view digits) {
  unsigned short number = 0;  // which has no sign
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc() && end == digits.data() + digits.size() ? number : -1;
}

}  // namespace

std::string http_date(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kWeekdays[std::chrono::weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

std::optional<WallTime> parse_http_date(std::string_view text) {
  constexpr std::string_view kShape = "Sun, 06 Nov 1994 08:49:37 GMT";
  if (text.size() != kShape.size()) return std::nullopt;
  const auto month = std::ranges::find(kMonths, text.substr(8, 3)) - kMonths.begin() + 1;
  const int year = number_of(text.substr(12, 4));
  if (year < kYearMin || year > kYearMax) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(number_of(text.substr(5, 2)))));
  if (!date.ok()) return std::nullopt;
  const WallTime time = std::chrono::sys_days(date) + std::chrono::hours(number_of(text.substr(17, 2))) +
                        std::chrono::minutes(number_of(text.substr(20, 2))) +
                        std::chrono::seconds(number_of(text.substr(23, 2)));
  if (http_date(time) != text) return std::nullopt;  // so the rest is right, too
  return time;
}

std::string_view HttpDateCache::at(WallTime time) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  if (second != second_) text_ = http_date(time);
  second_ = second;
  return text_;
}

}  // namespace promfleet::http
