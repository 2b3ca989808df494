#include "elector/preflight_monitor.h"

#include <algorithm>
#include <functional>

#include "core/base/try.h"

namespace promfleet::elector {

namespace {

// Prometheus may be restarted with other flags; one that does not answer yet is asked again sooner.
constexpr Duration kPeriod = 60s;
constexpr Duration kRetryPeriod = 5s;

Finding nobody_to_ask() {
  return {.id = "gate_source_unknown",
          .message =
              "-notify-http-url does not end in /-/reload, so that the gate cannot ask Prometheus when it was "
              "started, and takes one that was restarted, without the samples of before, for the same: give it "
              "Prometheus' own URL"};
}

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
    const Result<> looked = co_await look();
    if (!looked) parts_.log.debug("Prometheus does not tell how it runs", {{"err", looked.error()}});
    const BootTime again = parts_.clock.now() + (looked ? kPeriod : kRetryPeriod);
    if (!co_await wait_until(changed_, parts_.clock, again)) co_return;
  }
}

Task<Result<>> PreflightMonitor::look() {
  const Result<PrometheusFlags> flags = co_await parts_.prometheus.flags();
  if (!flags) {
    if (parts_.inspect_writer && flags.error().code() == Errc::unsupported) take({nobody_to_ask()});
    co_return std::unexpected(flags.error());
  }
  Result<> looked_at_config;
  if (parts_.inspect_writer) looked_at_config = co_await look_at_config();
  std::vector<Finding> findings = preflight(*flags, needs_);
  findings.insert(findings.end(), gate_findings_.begin(), gate_findings_.end());
  take(std::move(findings));
  co_return looked_at_config;
}

// A configuration may have megabytes, and rarely changes.
Task<Result<>> PreflightMonitor::look_at_config() {
  CO_TRY_ASSIGN(const std::string text, co_await parts_.prometheus.config_yaml());
  const std::size_t hash = std::hash<std::string>()(text);
  if (!config_ || hash != config_hash_) {
    CO_TRY_ASSIGN(config_, co_await parts_.pool.run([&text] { return parse_writer_config(text); }));
    config_hash_ = hash;
  }
  const LeaderAdds leader_adds = needs_.leader_queues > 0 ? LeaderAdds::remote_write : LeaderAdds::no_remote_write;
  gate_findings_ = parts_.inspect_writer(*config_, leader_adds);
  co_return Result<>();
}

void PreflightMonitor::take(std::vector<Finding> findings) {
  const auto gauge = [this](const Finding& finding) -> Gauge& {
    return parts_.metrics.gauge("promfleet_elector_preflight_finding",
                                "1 for what does not fit between Prometheus and the elector.",
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
