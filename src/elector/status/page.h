// The status page of a member, for a person whom an alert woke: who leads, is everything all right, what is wrong and
// what to do; then the details.
//
// Nothing from elsewhere, no script. It loads itself again every few seconds.
#pragma once

#include <string>
#include <string_view>

#include "elector/status/view.h"

namespace promfleet::elector {

// What the page may load and do, for its Content-Security-Policy.
inline constexpr std::string_view kPagePolicy =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

std::string status_page(const StatusView& view);

}  // namespace promfleet::elector
