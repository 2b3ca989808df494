#include "elector/preflight_monitor.h"

#include <algorithm>

namespace promfleet::elector {

namespace {

// Prometheus may be restarted with other flags; one that does not answer yet is asked again sooner.
constexpr Duration kPeriod = 60s;
constexpr Duration kRetryPeriod = 5s;

}  // namespace

PreflightMonitor::PreflightMonitor(Parts parts, PreflightNeeds needs)
    : parts_(std::move(parts)),
      needs_(std::move(needs)),
      changed_(parts_.io.get_executor()),
      scope_(parts_.io.get_executor()) {}

void PreflightMonitor::leader_queues(std::size_t count) {
  needs_.leader_queues = count;
  changed_.notify();
}

Task<> PreflightMonitor::run() {
  while (!co_await cancelled()) {
    const Result<PrometheusFlags> flags = co_await parts_.prometheus.flags();
    if (flags) take(preflight(*flags, needs_));
    if (!flags) parts_.log.debug("Prometheus does not tell its flags", {{"err", flags.error()}});
    const BootTime again = parts_.clock.now() + (flags ? kPeriod : kRetryPeriod);
    if (!co_await wait_until(changed_, parts_.clock, again)) co_return;
  }
}

void PreflightMonitor::take(std::vector<Finding> findings) {
  const auto gauge = [this](const Finding& finding) -> Gauge& {
    return parts_.metrics.gauge("promfleet_elector_preflight_finding",
                                "1 for what does not fit between Prometheus' flags and the elector's.",
                                {{"finding", finding.id}});
  };
  for (const Finding& gone : findings_) gauge(gone).set(0);
  for (const Finding& finding : findings) {
    gauge(finding).set(1);
    if (std::ranges::find(findings_, finding) == findings_.end())
      parts_.log.warn(finding.message, {{"finding", finding.id}});
  }
  findings_ = std::move(findings);
}

}  // namespace promfleet::elector
