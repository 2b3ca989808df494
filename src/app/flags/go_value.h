// Values as Go's flag package reads them, so that every command line written for prometheus-elector keeps its meaning.
// Source: Go's strconv.ParseBool, strconv.ParseInt (base 0) and time.ParseDuration.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/base/time.h"

namespace promfleet {

// 1 t T TRUE true True, 0 f F FALSE false False.
Result<bool> parse_go_bool(std::string_view text);

// Decimal, 0x, 0o or 0, 0b; with underscores between digits.
Result<std::int64_t> parse_go_int(std::string_view text);

// "1m30s", "1.5h", "100ms", "-2s", "0": exact, in integers; beyond 292 years is an error.
Result<Duration> parse_go_duration(std::string_view text);

// The shortest form that parse_go_duration reads back: "15s", "1m30s", "500ms".
std::string format_go_duration(Duration duration);

}  // namespace promfleet
