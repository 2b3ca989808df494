// Times as people read them, on the page and in a terminal.
#pragma once

#include <string>

#include "codec/rfc3339/micro_time.h"
#include "core/base/time.h"

namespace promfleet::elector {

// In the two largest units: "320ms", "1.4s", "12s", "3m 20s", "5h 3m", "12d 4h". Less than nothing is "0ms".
std::string span_in_words(Duration span);

// "2026-11-21 10:00:00 UTC".
std::string time_in_words(rfc3339::MicroTime time);

// From `then` until `now`, in words. Zero if the clock that wrote `then` is ahead; at most a century.
std::string age_in_words(rfc3339::MicroTime then, rfc3339::MicroTime now);

}  // namespace promfleet::elector
