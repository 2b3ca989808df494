#include "elector/gate/gate_preflight.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "elector/gate/clock_difference.h"
#include "net/http/origin.h"

namespace promfleet::elector {

namespace {

constexpr std::string_view kPrint = "`promfleet elector gate-values` prints a section that fits";

std::vector<const WriterQueue*> queues_to(const GateEntry& entry, const WriterConfig& config,
                                          const GateAddress& address) {
  std::vector<const WriterQueue*> queues;
  for (const WriterQueue& queue : config.queues) {
    if (address.is_at(queue.url, entry.path)) queues.push_back(&queue);
  }
  return queues;
}

Finding queue_missing(const GateAddress& address, const GateEntry& entry) {
  return {
      .id = "gate_queue_missing",
      .message = fmt::format("Prometheus does not write to the gate's entry {}: its configuration needs a remote_write "
                             "section with url {}, in every member and whether it leads or not; {}",
                             entry.name, address.url_of(entry.path), kPrint)};
}

Finding queue_twice(const GateEntry& entry, std::size_t count) {
  return {
      .id = "gate_queue_twice",
      .message = fmt::format("{} remote_write sections of Prometheus write to the gate's entry {}: give each an entry "
                             "and a path of its own, or leave only one",
                             count, entry.name)};
}

std::optional<Finding> check_scheme(const WriterQueue& queue, const GateEntry& entry, const GateAddress& address) {
  if (address.has_scheme_of(queue.url)) return std::nullopt;
  const bool is_tls = address.protection().transport == net::Transport::tls;
  return Finding{
      .id = "gate_queue_scheme",
      .message = fmt::format("Prometheus' queue to the gate's entry {} gets no connection, since the gate {}: make its "
                             "url {}",
                             entry.name, is_tls ? "speaks TLS (-web.config.file)" : "speaks no TLS",
                             address.url_of(entry.path))};
}

std::optional<Finding> check_shards(const WriterQueue& queue, const GateEntry& entry) {
  if (queue.min_shards.value_or("1") == "1" && queue.max_shards == "1") return std::nullopt;
  return Finding{
      .id = "gate_queue_shards",
      .message = fmt::format(
          "Prometheus' queue to the gate's entry {} needs min_shards: 1 and max_shards: 1 in its queue_config "
          "(now {} and {}): a queue that reshards while it is held is dropped, and with several shards "
          "samples are lost at a takeover; {}",
          entry.name, queue.min_shards.value_or("its default"), queue.max_shards.value_or("its default"), kPrint)};
}

std::optional<Finding> check_timeout(const WriterQueue& queue, const GateEntry& entry) {
  if (queue.remote_timeout > entry.hold) return std::nullopt;
  return Finding{
      .id = "gate_queue_timeout",
      .message = fmt::format("the gate's entry {} holds a request for up to {}s, but Prometheus waits for {}s: "
                             "set remote_timeout of its section above that, or hold in -gate-config below",
                             entry.name, to_seconds(entry.hold), to_seconds(queue.remote_timeout))};
}

// Rule 4.
std::optional<Finding> check_lateness(const WriterConfig& config, const WriterQueue& queue, const GateEntry& entry) {
  Duration slowest{0};
  std::string what;
  if (const std::optional<SlowestJob>& job = config.slowest_job) {
    slowest = job->interval + job->timeout;
    what = fmt::format("job {}: scrape_interval {}s and scrape_timeout {}s", job->name, to_seconds(job->interval),
                       to_seconds(job->timeout));
  }
  if (config.evaluation_interval.value_or(Duration(0)) > slowest) {
    slowest = *config.evaluation_interval;
    what = fmt::format("rules: evaluation_interval {}s", to_seconds(slowest));
  }
  const Duration needed = slowest + queue.batch_send_deadline + kClockDifferenceMax;
  if (what.empty() || entry.lateness >= needed) return std::nullopt;
  return Finding{
      .id = "gate_lateness_too_short",
      .message = fmt::format(
          "a follower must keep {}s ({}, batch_send_deadline {}s, clocks {}s), but lateness of the gate's entry {} is "
          "{}s: a takeover may lose samples. Raise lateness in every member's -gate-config, or shorten the interval",
          to_seconds(needed), what, to_seconds(queue.batch_send_deadline), to_seconds(kClockDifferenceMax), entry.name,
          to_seconds(entry.lateness))};
}

// Its path and query may hold secrets.
std::string place_of(const WriterQueue& queue) {
  const Result<http::Url> url = http::parse_url(queue.url);
  if (url) return to_string(url->origin);
  return queue.name.empty() ? "somewhere else" : queue.name;
}

void check_bypass(std::vector<Finding>& findings, const WriterConfig& config, const GateConfig& gate,
                  const GateAddress& address) {
  for (const WriterQueue& queue : config.queues) {
    const bool is_ours =
        std::ranges::any_of(gate.entries, [&](const GateEntry& entry) { return address.is_at(queue.url, entry.path); });
    if (is_ours) continue;
    findings.push_back(
        {.id = "gate_bypassed",
         .message = fmt::format("Prometheus writes to {} past the gate, whether it leads or not: make that "
                                "an entry of -gate-config and let Prometheus write to the entry's path",
                                place_of(queue))});
  }
}

// The first of each kind. Whoever mends these mends the others as well.
std::vector<Finding> without_crowds(const std::vector<Finding>& findings) {
  constexpr std::size_t kShownMax = 8;
  std::map<std::string, std::size_t> counts;
  std::vector<Finding> shown;
  for (const Finding& finding : findings) {
    if (++counts[finding.id] <= kShownMax) shown.push_back(finding);
  }
  for (const auto& [id, count] : counts) {
    if (count <= kShownMax) continue;
    shown.push_back({.id = id, .message = fmt::format("and {} more like the {} before", count - kShownMax, kShownMax)});
  }
  return shown;
}

ExternalLabels without(ExternalLabels labels, const std::vector<std::string>& dropped) {
  for (const std::string& name : dropped) labels.erase(name);
  return labels;
}

std::string shown(const ExternalLabels& labels, const std::string& name) {
  const auto label = labels.find(name);
  return label == labels.end() ? "missing" : fmt::format("{:?}", label->second);
}

}  // namespace

std::vector<Finding> gate_preflight(const WriterConfig& config, const GateConfig& gate, const GateAddress& address,
                                    LeaderAdds leader_adds) {
  std::vector<Finding> findings;
  for (const GateEntry& entry : gate.entries) {
    const std::vector<const WriterQueue*> queues = queues_to(entry, config, address);
    if (queues.empty()) findings.push_back(queue_missing(address, entry));
    if (queues.size() > 1) findings.push_back(queue_twice(entry, queues.size()));
    for (const WriterQueue* queue : queues) {
      for (std::optional<Finding> finding : {check_scheme(*queue, entry, address), check_shards(*queue, entry),
                                             check_timeout(*queue, entry), check_lateness(config, *queue, entry)}) {
        if (finding) findings.push_back(*std::move(finding));
      }
    }
  }
  check_bypass(findings, config, gate, address);
  if (leader_adds == LeaderAdds::remote_write) {
    findings.push_back({.id = "gate_leader_remote_write",
                        .message =
                            "what the leader adds to the configuration has remote_write, which goes past the gate: "
                            "remove it there. Only the leader's samples pass the gate as it is"});
  }
  return without_crowds(findings);
}

ExternalLabels told_labels(const ExternalLabels& labels, const GateConfig& gate) {
  ExternalLabels told;
  for (const GateEntry& entry : gate.entries) told.merge(without(labels, entry.drop_labels));
  return told;
}

std::optional<Finding> compare_labels(const ExternalLabels& own, const ExternalLabels& leaders,
                                      const GateConfig& gate) {
  std::set<std::string> differing;
  for (const GateEntry& entry : gate.entries) {
    const ExternalLabels ours = without(own, entry.drop_labels);
    const ExternalLabels theirs = without(leaders, entry.drop_labels);
    for (const auto& [name, value] : ours) {
      if (const auto other = theirs.find(name); other == theirs.end() || other->second != value) differing.insert(name);
    }
    for (const auto& [name, value] : theirs) {
      if (!ours.contains(name)) differing.insert(name);
    }
  }
  if (differing.empty()) return std::nullopt;
  std::string list;
  for (const std::string& name : differing) {
    list += fmt::format("{}{} is {} here and {} there", list.empty() ? "" : ", ", name, shown(own, name),
                        shown(leaders, name));
  }
  return Finding{
      .id = "gate_external_labels",
      .message = fmt::format("external labels of this Prometheus and the leader's differ ({}), so a takeover "
                             "begins other series: make them equal, or take off what tells members apart "
                             "with drop_labels in -gate-config",
                             list)};
}

std::optional<Finding> compare_destinations(const GateProgress& leaders, const GateConfig& gate) {
  for (const GateEntry& entry : gate.entries) {
    const std::string key = progress_key(entry);
    const std::string name = key.substr(0, key.rfind('@') + 1);
    const auto leads_elsewhere = [&](const auto& told) {
      return told.first.starts_with(name) && told.first.size() == key.size();
    };
    if (leaders.watermarks_ms.contains(key) || std::ranges::none_of(leaders.watermarks_ms, leads_elsewhere)) continue;
    return Finding{.id = "gate_destination_differs",
                   .message = fmt::format("the gate's entry {} leads elsewhere than the leader's of that name, so that "
                                          "this member cannot know what has arrived, and holds everything: give all "
                                          "members the same url and group in -gate-config",
                                          entry.name)};
  }
  return std::nullopt;
}

}  // namespace promfleet::elector
