// Times as RFC 3339 writes them, in the precision that lease stores keep: "2026-01-02T03:04:05.678901Z".
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace promfleet::rfc3339 {

using MicroTime = std::chrono::sys_time<std::chrono::microseconds>;

// UTC, always with six decimals.
std::string format(MicroTime time);

// Any offset and any number of decimals; what is finer than a microsecond is cut off. Errc::invalid_input.
Result<MicroTime> parse(std::string_view text);

}  // namespace promfleet::rfc3339
