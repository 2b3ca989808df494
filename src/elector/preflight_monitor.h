// Keeps comparing how the local Prometheus was started with what the elector needs, and tells what does not fit: a log
// line when it changes, a metric, and the findings for the status page.
//
// Thread safety: none; lives on one io thread.
#pragma once

#include <string>
#include <vector>

#include "core/async/signal.h"
#include "core/async/task_scope.h"
#include "core/os/clock.h"
#include "core/telemetry/log.h"
#include "core/telemetry/metrics.h"
#include "elector/prometheus/preflight.h"
#include "elector/prometheus/prometheus.h"

namespace promfleet::elector {

class PreflightMonitor {
 public:
  struct Parts {
    asio::io_context& io;
    Clock& clock;
    Prometheus& prometheus;
    Registry& metrics;
    Log log;
  };

  PreflightMonitor(Parts parts, PreflightNeeds needs);

  void start() { scope_.spawn(run()); }
  Task<> close() { co_await scope_.close(); }

  // How many queues a demotion stops.
  void leader_queues(std::size_t count);

  const std::vector<Finding>& findings() const { return findings_; }

 private:
  Task<> run();
  void take(std::vector<Finding> findings);

  Parts parts_;
  PreflightNeeds needs_;
  std::vector<Finding> findings_;
  Signal changed_;
  TaskScope scope_;
};

}  // namespace promfleet::elector
