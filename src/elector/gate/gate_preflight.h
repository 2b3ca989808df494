// Compares the configuration that the local Prometheus runs with what a gate needs of it, and its labels with those of
// the leader's Prometheus; says in words what does not fit. Pure.
#pragma once

#include <optional>
#include <vector>

#include "elector/gate/gate_address.h"
#include "elector/gate/gate_config.h"
#include "elector/gate/progress_text.h"
#include "elector/gate/writer_config.h"
#include "elector/prometheus/preflight.h"

namespace promfleet::elector {

// What leadership adds to Prometheus' configuration.
enum class LeaderAdds : std::uint8_t { no_remote_write, remote_write };

std::vector<Finding> gate_preflight(const WriterConfig& config, const GateConfig& gate, const GateAddress& address,
                                    LeaderAdds leader_adds);

// What of `labels` some entry lets through: what a leader tells the others.
ExternalLabels told_labels(const ExternalLabels& labels, const GateConfig& gate);

// Labels that an entry lets through tell servers apart, not the members of a group: series would change with each
// takeover. `leaders` are as its gate tells them.
std::optional<Finding> compare_labels(const ExternalLabels& own, const ExternalLabels& leaders, const GateConfig& gate);

// What a leader tells of an entry means nothing to a member whose entry of that name leads elsewhere.
std::optional<Finding> compare_destinations(const GateProgress& leaders, const GateConfig& gate);

}  // namespace promfleet::elector
