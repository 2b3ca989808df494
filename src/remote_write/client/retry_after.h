// How long a receiver asks to be left alone.
#pragma once

#include <optional>

#include "core/base/time.h"
#include "net/http/message.h"

namespace promfleet::remote_write {

// However long it asks for: by then it may well be up again, and what waits for it grows.
inline constexpr Duration kRetryAfterMax = std::chrono::minutes(5);

// What Retry-After says (RFC 9110 section 10.2.3), in seconds or as a date, of an answer that came at `now`. Nothing
// if there is none or it is malformed; a date that is past is 0.
std::optional<Duration> find_retry_after(const http::Fields& fields, WallTime now);

}  // namespace promfleet::remote_write
