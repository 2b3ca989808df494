// The gate's state in people's words, for page, JSON and terminal, and what is wrong with it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "elector/gate/gate_status.h"
#include "elector/status/view.h"

namespace promfleet::elector {

// "closed", "fencing", "open", "shut_out", and "unknown", "fencing", "foreign": stable, for programs.
std::string_view to_word(DestinationGate::State state);
std::string_view to_word(ReceiverKind kind);

// Whether the entry's samples pass, and why: "open: ...", "held: ...".
std::string outlet_in_words(const OutletStatus& outlet);

// Up to when the destination has the stream's samples; nullopt where that is not known. Others may have told it, so it
// is brought into the range of a WallTime.
std::optional<WallTime> watermark(const OutletStatus& outlet);

// Nothing where there is no gate.
std::vector<Problem> gate_problems(const StatusView& view);

}  // namespace promfleet::elector
