// The remote_write section with which a Prometheus writes to its gate, as YAML for people to put into its
// configuration.
#pragma once

#include <string>

#include "elector/gate/gate_address.h"
#include "elector/gate/gate_config.h"

namespace promfleet::elector {

// One queue for each entry. Where several entries lead to one destination, each gets its share of the series.
std::string prometheus_section(const GateConfig& config, const GateAddress& address);

}  // namespace promfleet::elector
