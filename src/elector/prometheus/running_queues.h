// Which remote_write queues a Prometheus runs, from its own metrics, and which it should run.
#pragma once

#include <string_view>
#include <vector>

#include "elector/prometheus/prometheus.h"

namespace promfleet::elector {

// The series of prometheus_remote_storage_shards in `exposition`, the text of /metrics: each queue that runs has one,
// with the labels remote_name and url. Lines that are not of that form are passed over.
//
// Errc::protocol when the text is not of a Prometheus (a login page, another program's metrics): that it has no such
// series then says nothing about queues.
Result<std::vector<RunningQueue>> parse_running_queues(std::string_view exposition);

// The queues that `config`, the text of a whole Prometheus configuration, asks for; an empty name stands for any.
// invalid_input when it is none.
Result<std::vector<RunningQueue>> queues_in(std::string_view config);

// Whether each of `running` is one of `allowed`, and none of those is taken twice. An allowed queue without a name
// stands for any of its URL, since Prometheus names it by a hash.
bool is_subset(std::vector<RunningQueue> running, std::vector<RunningQueue> allowed);

}  // namespace promfleet::elector
