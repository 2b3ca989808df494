// Which remote_write queues a Prometheus runs, from its own metrics.
#pragma once

#include <string_view>
#include <vector>

#include "elector/prometheus/prometheus.h"

namespace promfleet::elector {

// The series of prometheus_remote_storage_shards in `exposition`, the text of /metrics: each queue that runs has one,
// with the labels remote_name and url. Lines that are not of that form are passed over.
std::vector<RunningQueue> parse_running_queues(std::string_view exposition);

}  // namespace promfleet::elector
