// Keeps comparing how the local Prometheus was started with what the elector needs, and tells what does not fit: a log
// line when it changes, a metric, and the findings for the status page.
//
// Thread safety: none; lives on one io thread.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/async/cpu_pool.h"
#include "core/async/signal.h"
#include "core/async/task_scope.h"
#include "core/os/clock.h"
#include "core/telemetry/log.h"
#include "core/telemetry/metrics.h"
#include "elector/gate/gate_preflight.h"
#include "elector/prometheus/preflight.h"
#include "elector/prometheus/prometheus.h"

namespace promfleet::elector {

class PreflightMonitor {
 public:
  // What a gate finds in the configuration that Prometheus runs.
  using InspectWriter = std::function<std::vector<Finding>(const WriterConfig&, LeaderAdds)>;

  struct Parts {
    asio::io_context& io;
    Clock& clock;
    CpuPool& pool;
    Prometheus& prometheus;
    Registry& metrics;
    Log log;
    InspectWriter inspect_writer;  // empty: there is no gate
  };

  PreflightMonitor(Parts parts, PreflightNeeds needs);

  void start() { scope_.spawn(run()); }
  Task<> close() { co_await scope_.close(); }

  // How many queues a demotion stops.
  void leader_queues(std::size_t count);
  // Prometheus may run something else now.
  void look_again() { changed_.notify(); }

  const std::vector<Finding>& findings() const { return findings_; }

 private:
  Task<> run();
  // Asks Prometheus and takes what is found; findings that it could not be asked about stay.
  Task<Result<>> look();
  Task<Result<>> look_at_config();
  void take(std::vector<Finding> findings);

  Parts parts_;
  PreflightNeeds needs_;
  std::vector<Finding> gate_findings_;
  std::vector<Finding> findings_;
  std::size_t config_hash_ = 0;  // of the text that config_ was read from
  std::optional<WriterConfig> config_;
  Signal changed_;
  TaskScope scope_;
};

}  // namespace promfleet::elector
