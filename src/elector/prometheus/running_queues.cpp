#include "elector/prometheus/running_queues.h"

#include <optional>
#include <string>

namespace promfleet::elector {

namespace {

constexpr std::string_view kSeries = "prometheus_remote_storage_shards{";

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

std::vector<RunningQueue> parse_running_queues(std::string_view exposition) {
  std::vector<RunningQueue> queues;
  while (!exposition.empty()) {
    const std::string_view line = exposition.substr(0, exposition.find('\n'));
    exposition.remove_prefix(std::min(line.size() + 1, exposition.size()));
    if (!line.starts_with(kSeries)) continue;
    if (std::optional<RunningQueue> queue = parse_queue(line.substr(kSeries.size()))) queues.push_back(*queue);
  }
  return queues;
}

}  // namespace promfleet::elector
