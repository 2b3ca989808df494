// Durations as Prometheus writes them in its configuration and flags: "15s", "1h30m", "1d".
// Source: prometheus/common, model.ParseDuration.
#pragma once

#include <string_view>

#include "core/base/error.h"
#include "core/base/time.h"

namespace promfleet {

// Whole numbers with the units y (365 days), w, d, h, m, s, ms, each at most once and the largest first; "0" needs no
// unit. Errc::invalid_input for anything else, 292 years and more included.
Result<Duration> parse_prometheus_duration(std::string_view text);

}  // namespace promfleet
