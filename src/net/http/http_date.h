// Times in header fields, such as the Date of an answer: "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.h"

namespace promfleet::http {

std::string http_date(WallTime time);

// The time that such a text tells; nothing for any other text, the obsolete formats too, and for a year that WallTime
// does not hold.
std::optional<WallTime> parse_http_date(std::string_view text);

// Formats once a second at most.
class HttpDateCache {
 public:
  // Valid until the next call.
  std::string_view at(WallTime time);

 private:
  std::chrono::sys_seconds second_ = std::chrono::sys_seconds::min();
  std::string text_;
};

}  // namespace promfleet::http
