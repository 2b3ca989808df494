// What `promfleet lease status` and `history` print: an elector's answer as aligned text.
//
// What an answer does not have is left out, so that electors of other versions can be asked too.
#pragma once

#include <string>

#include "codec/json/value.h"

namespace promfleet {

// Of the answer of /_elector/status.
std::string status_report(const json::Object& status);

// Of the answer of /_elector/history; the latest comes last.
std::string history_report(const json::Object& answer);

}  // namespace promfleet
