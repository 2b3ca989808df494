// What the leader's gate tells the others in the lease, as text: docs/format/lease.md, promfleet.io/progress.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "elector/gate/gate_config.h"
#include "elector/gate/writer_config.h"

namespace promfleet::elector {

// Names the entry's stream among all that a group's members tell of: the entry's name, "@", and what stands for where
// it leads.
std::string progress_key(const GateEntry& entry);

struct GateProgress {
  std::int64_t sent_ms = 0;                                        // by the writer's wall clock
  std::map<std::string, std::int64_t, std::less<>> watermarks_ms;  // by stream
  // Of the writer's Prometheus, without those that no entry lets through; nullopt: not known.
  std::optional<ExternalLabels> external_labels;

  bool operator==(const GateProgress&) const = default;
};

std::string format_progress(const GateProgress& progress);

// Errc::invalid_input: anybody may write annotations.
Result<GateProgress> parse_progress(std::string_view text);

}  // namespace promfleet::elector
