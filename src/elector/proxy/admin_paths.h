// Which requests would stop or change the leader's Prometheus, however their path is spelled.
#pragma once

#include <string_view>

namespace promfleet::elector {

// Whether Prometheus would take the path of `target` for /-/quit, /-/reload or something below /api/v1/admin, under
// any --web.route-prefix.
//
// Prometheus decodes a path once, and its router removes empty and dot segments, a slash at the end and differences of
// case (by a redirect, which the client would follow through us). What it would not, does not count: %252d stays %2d.
bool is_administration(std::string_view target);

}  // namespace promfleet::elector
