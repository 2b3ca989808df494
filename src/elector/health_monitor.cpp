#include "elector/health_monitor.h"

#include "core/base/try.h"

namespace promfleet::elector {

HealthMonitor::HealthMonitor(Parts parts, HealthMonitorOptions options, std::function<void(Health)> on_verdict)
    : parts_(std::move(parts)),
      options_(options),
      on_verdict_(std::move(on_verdict)),
      threshold_(options.successes_needed, options.failures_needed),
      healthy_(parts_.metrics.gauge("promfleet_elector_prometheus_healthy",
                                    "1 if the local Prometheus is ready and healthy, so that this member may lead.")),
      scope_(parts_.io.get_executor()) {}

Task<> HealthMonitor::run() {
  if (!co_await wait_until_ready()) co_return;
  tell(Health::healthy);
  if (options_.checks == HealthMonitorOptions::Checks::off) co_return;
  while (co_await sleep_for(parts_.clock, options_.check_period)) co_await check();
}

Task<Result<>> HealthMonitor::wait_until_ready() {
  if (options_.readiness == HealthMonitorOptions::Readiness::assumed) co_return Result<>();
  while (co_await parts_.prometheus.readiness() != elector::Readiness::ready) {
    CO_TRY(co_await sleep_for(parts_.clock, options_.readiness_poll_period));
  }
  if (co_await cancelled()) co_return fail(Errc::cancelled, "cancelled");
  parts_.log.info("Prometheus is ready");
  co_return Result<>();
}

Task<> HealthMonitor::check() {
  const Result<> well = co_await probe();
  if (co_await cancelled()) co_return;
  const Health verdict = threshold_.add(well ? Health::healthy : Health::unhealthy);
  error_ = well ? "" : well.error().message();
  if (verdict == verdict_) co_return;
  if (verdict == Health::healthy) {
    parts_.log.info("Prometheus is healthy again");
  } else {
    parts_.log.error("Prometheus is not healthy", {{"err", error_}});
  }
  tell(verdict);
}

Task<Result<>> HealthMonitor::probe() {
  const Result<> health = co_await parts_.prometheus.health();
  if (!health) may_have_restarted_ = true;
  const bool asks_readiness = options_.readiness == HealthMonitorOptions::Readiness::awaited && may_have_restarted_;
  if (!health || !asks_readiness) co_return health;
  if (co_await parts_.prometheus.readiness() != elector::Readiness::ready) {
    co_return fail(Errc::unavailable, "not ready yet, as after a restart");
  }
  may_have_restarted_ = false;
  co_return Result<>();
}

void HealthMonitor::tell(Health verdict) {
  verdict_ = verdict;
  if (verdict == Health::healthy) error_.clear();
  healthy_.set(verdict == Health::healthy ? 1 : 0);
  on_verdict_(verdict);
}

}  // namespace promfleet::elector
