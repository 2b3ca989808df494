// Compares how the local Prometheus was started with what the elector needs of it, and says in words what does not fit.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/time.h"

namespace promfleet::elector {

// From /api/v1/status/flags.
struct PrometheusFlags {
  std::optional<bool> lifecycle_enabled;   // web.enable-lifecycle
  std::string config_file;                 // config.file
  std::optional<Duration> flush_deadline;  // storage.remote.flush-deadline
};

// `body` is the JSON answer. Flags that it does not have stay empty (agent mode has fewer).
Result<PrometheusFlags> parse_flags(std::string_view body);

struct PreflightNeeds {
  std::string output;             // where the elector writes
  Duration demotion_time{};       // lease duration - renew deadline
  std::size_t leader_queues = 0;  // remote_write queues that a demotion stops
};

// A finding that people have to act on. `id` is stable: a metric label.
struct Finding {
  std::string id;
  std::string message;

  bool operator==(const Finding&) const = default;
};

// Empty: everything fits.
std::vector<Finding> preflight(const PrometheusFlags& flags, const PreflightNeeds& needs);

}  // namespace promfleet::elector
