// Tells whether the local Prometheus is fit to lead: ready once, then healthy by a threshold that does not flap.
//
// A check that follows a failed one is good only if Prometheus is ready too: it may have restarted, and while it
// replays its WAL it calls itself healthy, but neither scrapes nor loads a configuration.
//
// Thread safety: none; lives on one io thread.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/async/task_scope.h"
#include "core/os/clock.h"
#include "core/telemetry/log.h"
#include "core/telemetry/metrics.h"
#include "elector/prometheus/health_threshold.h"
#include "elector/prometheus/prometheus.h"

namespace promfleet::elector {

struct HealthMonitorOptions {
  enum class Readiness : std::uint8_t { awaited, assumed } readiness = Readiness::assumed;
  enum class Checks : std::uint8_t { on, off } checks = Checks::off;
  Duration readiness_poll_period = 5s;
  Duration check_period = 5s;
  int successes_needed = 3;
  int failures_needed = 3;
};

class HealthMonitor {
 public:
  struct Parts {
    asio::io_context& io;
    Clock& clock;
    Prometheus& prometheus;
    Registry& metrics;
    Log log;
  };

  // `on_verdict` is called with the first verdict (healthy, once ready) and with each change.
  HealthMonitor(Parts parts, HealthMonitorOptions options, std::function<void(Health)> on_verdict);

  void start() { scope_.spawn(run()); }
  Task<> close() { co_await scope_.close(); }

  // nullopt: not ready yet.
  const std::optional<Health>& verdict() const { return verdict_; }
  // Of the last probe; empty: it was good.
  const std::string& error() const { return error_; }

 private:
  Task<> run();
  Task<Result<>> wait_until_ready();
  Task<> check();
  Task<Result<>> probe();
  void tell(Health verdict);

  Parts parts_;
  HealthMonitorOptions options_;
  std::function<void(Health)> on_verdict_;
  HealthThreshold threshold_;
  bool may_have_restarted_ = false;  // since it was ready last
  std::optional<Health> verdict_;
  std::string error_ = "not ready yet";
  Gauge& healthy_;
  TaskScope scope_;
};

}  // namespace promfleet::elector
