// What a member tells programs about itself: the answers of /_elector/status and /_elector/history. docs/elector.md
// lists the names; they stay.
//
// Units are part of the names. Times are RFC 3339 in UTC. What is not known, or not there, is null.
#pragma once

#include <deque>
#include <string>

#include "election/history.h"
#include "elector/status/view.h"

namespace promfleet::elector {

std::string status_json(const StatusView& view);

// Oldest first.
std::string history_json(const std::deque<election::PastTransition>& history);

}  // namespace promfleet::elector
