#include "elector/prometheus/running_queues.h"

#include <algorithm>
#include <optional>
#include <string>

#include "codec/yaml/parse.h"
#include "core/base/try.h"
#include "elector/config/remote_writes.h"

namespace promfleet::elector {

namespace {

constexpr std::string_view kSeries = "prometheus_remote_storage_shards{";

// Every Prometheus shows series of its own, whatever it runs.
constexpr std::string_view kOwnSeries = "prometheus_";

// A quoted label value at the front of `text`, which begins after the opening quote; taken off with its closing quote.
std::optional<std::string> take_label_value(std::string_view& text) {
  std::string value;
  while (!text.empty() && text[0] != '"') {
    char c = text[0];
    if (c == '\\' && text.size() > 1) {
      text.remove_prefix(1);
      c = text[0] == 'n' ? '\n' : text[0];
    }
    value += c;
    text.remove_prefix(1);
  }
  if (text.empty()) return std::nullopt;
  text.remove_prefix(1);
  return value;
}

// `labels` begins after the opening brace.
std::optional<RunningQueue> parse_queue(std::string_view labels) {
  RunningQueue queue;
  while (!labels.empty() && labels[0] != '}') {
    const std::size_t equals = labels.find("=\"");
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view name = labels.substr(0, equals);
    labels.remove_prefix(equals + 2);
    const std::optional<std::string> value = take_label_value(labels);
    if (!value) return std::nullopt;
    if (name == "remote_name") queue.name = *value;
    if (name == "url") queue.url = *value;
    if (labels.starts_with(',')) labels.remove_prefix(1);
  }
  return queue;
}

}  // namespace

Result<std::vector<RunningQueue>> parse_running_queues(std::string_view exposition) {
  std::vector<RunningQueue> queues;
  bool is_prometheus = false;
  while (!exposition.empty()) {
    const std::string_view line = exposition.substr(0, exposition.find('\n'));
    exposition.remove_prefix(std::min(line.size() + 1, exposition.size()));
    is_prometheus = is_prometheus || line.starts_with(kOwnSeries);
    if (!line.starts_with(kSeries)) continue;
    if (std::optional<RunningQueue> queue = parse_queue(line.substr(kSeries.size()))) queues.push_back(*queue);
  }
  if (!is_prometheus) return fail(Errc::protocol, "/metrics is not a Prometheus'");
  return queues;
}

Result<std::vector<RunningQueue>> queues_in(std::string_view config) {
  TRY_ASSIGN(const yaml::Node root, yaml::parse(config));
  TRY_ASSIGN(const std::vector<RemoteWrite> writes, remote_writes(root));
  std::vector<RunningQueue> queues;
  queues.reserve(writes.size());
  for (const RemoteWrite& write : writes) queues.push_back({.name = write.name, .url = write.url});
  return queues;
}

bool is_subset(std::vector<RunningQueue> running, std::vector<RunningQueue> allowed) {
  // Named ones first, so that an unnamed one is left for a queue that no name stands for.
  const auto take = [&](const RunningQueue& queue, const std::string& name) {
    const auto found = std::ranges::find(allowed, RunningQueue{.name = name, .url = queue.url});
    if (found == allowed.end()) return false;
    allowed.erase(found);
    return true;
  };
  std::erase_if(running, [&](const RunningQueue& queue) { return take(queue, queue.name); });
  return std::ranges::all_of(running, [&](const RunningQueue& queue) { return take(queue, ""); });
}

}  // namespace promfleet::elector
