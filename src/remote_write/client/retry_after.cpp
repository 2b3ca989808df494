#include "remote_write/client/retry_after.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "net/http/http_date.h"

namespace promfleet::remote_write {
namespace {

std::optional<Duration> delay_of(std::string_view seconds) {
  constexpr std::chrono::seconds kSecondsMax = std::chrono::duration_cast<std::chrono::seconds>(kRetryAfterMax);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(seconds.data(), seconds.data() + seconds.size(), number);
  if (end != seconds.data() + seconds.size() || error == std::errc::invalid_argument) return std::nullopt;
  const bool is_too_long = error == std::errc::result_out_of_range || number > std::uint64_t(kSecondsMax.count());
  return is_too_long ? kRetryAfterMax : std::chrono::seconds(number);
}

}  // namespace

std::optional<Duration> find_retry_after(const http::Fields& fields, WallTime now) {
  const std::optional<std::string_view> text = fields.find("Retry-After");
  if (!text) return std::nullopt;
  if (const std::optional<Duration> delay = delay_of(*text)) return delay;
  const std::optional<WallTime> date = http::parse_http_date(*text);
  if (!date) return std::nullopt;
  return std::clamp(*date, now, now + kRetryAfterMax) - now;
}

}  // namespace promfleet::remote_write
