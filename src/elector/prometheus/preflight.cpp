#include "elector/prometheus/preflight.h"

#include <filesystem>

#include "codec/json/value.h"
#include "core/base/try.h"
#include "model/duration.h"

namespace promfleet::elector {

namespace {

// What a reload takes beside the flush.
constexpr Duration kReloadSlack = 1s;

std::optional<Finding> check_lifecycle(const PrometheusFlags& flags) {
  if (flags.lifecycle_enabled.value_or(true)) return std::nullopt;
  return Finding{.id = "lifecycle_disabled",
                 .message = "Prometheus does not reload on request: start it with --web.enable-lifecycle"};
}

// Prometheus may see the file under another path (another mount), so only a different name is told.
std::optional<Finding> check_config_file(const PrometheusFlags& flags, const PreflightNeeds& needs) {
  const auto name = [](const std::string& path) { return std::filesystem::path(path).filename(); };
  if (flags.config_file.empty() || name(flags.config_file) == name(needs.output)) return std::nullopt;
  return Finding{.id = "other_config_file",
                 .message = fmt::format("Prometheus reads {}, but the elector writes {}: give Prometheus "
                                        "--config.file={} or the elector -output={}",
                                        flags.config_file, needs.output, needs.output, flags.config_file)};
}

// Prometheus flushes the queues that a reload removes one after the other, each for at most the flush deadline.
std::optional<Finding> check_flush_deadline(const PrometheusFlags& flags, const PreflightNeeds& needs) {
  if (!flags.flush_deadline || needs.leader_queues == 0) return std::nullopt;
  const Duration flush = *flags.flush_deadline * static_cast<std::int64_t>(needs.leader_queues);
  const Duration available = needs.demotion_time - kReloadSlack;
  if (flush < available) return std::nullopt;
  const auto fitting = available / static_cast<std::int64_t>(needs.leader_queues) - 1ms;
  const std::string advice = fitting > Duration(0)
                                 ? fmt::format("start Prometheus with --storage.remote.flush-deadline={}ms or less",
                                               std::chrono::floor<std::chrono::milliseconds>(fitting).count())
                                 : "make -lease-duration longer or -lease-renew-deadline shorter";
  return Finding{.id = "flush_deadline_too_long",
                 .message = fmt::format("a demotion may take {}s when the remote does not answer ({} queues x "
                                        "--storage.remote.flush-deadline={}s), but the lease leaves {}s: {}",
                                        to_seconds(flush), needs.leader_queues, to_seconds(*flags.flush_deadline),
                                        to_seconds(needs.demotion_time), advice)};
}

}  // namespace

Result<PrometheusFlags> parse_flags(std::string_view body) {
  TRY_ASSIGN(const json::Value document, json::parse(body));
  TRY_ASSIGN(const json::Object* root, json::as_object(document));
  TRY_ASSIGN(const json::Object* data, json::require_object(*root, "data"));
  PrometheusFlags flags;
  TRY_ASSIGN(const std::optional<std::string_view> lifecycle, json::find_string(*data, "web.enable-lifecycle"));
  if (lifecycle) flags.lifecycle_enabled = *lifecycle == "true";
  TRY_ASSIGN(const std::optional<std::string_view> config_file, json::find_string(*data, "config.file"));
  flags.config_file = config_file.value_or("");
  TRY_ASSIGN(const std::optional<std::string_view> flush, json::find_string(*data, "storage.remote.flush-deadline"));
  if (flush) {
    TRY_ASSIGN(flags.flush_deadline, parse_prometheus_duration(*flush));
  }
  return flags;
}

std::vector<Finding> preflight(const PrometheusFlags& flags, const PreflightNeeds& needs) {
  std::vector<Finding> findings;
  for (std::optional<Finding> finding :
       {check_lifecycle(flags), check_config_file(flags, needs), check_flush_deadline(flags, needs)}) {
    if (finding) findings.push_back(*std::move(finding));
  }
  return findings;
}

}  // namespace promfleet::elector
