// What the configuration that the local Prometheus runs says of what it writes: its remote_write queues, how old
// samples may be when they are written, and the labels that tell it from other servers.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/time.h"

namespace promfleet::elector {

using ExternalLabels = std::map<std::string, std::string, std::less<>>;

// One remote_write section. Numbers are as written; nullopt where Prometheus' own default counts.
struct WriterQueue {
  std::string name;
  std::string url;
  std::optional<std::string> min_shards;
  std::optional<std::string> max_shards;
  Duration remote_timeout = 30s;
  Duration batch_send_deadline = 5s;
};

// The scrape job whose samples come latest.
struct SlowestJob {
  std::string name;
  Duration interval = 60s;
  Duration timeout = 10s;
};

struct WriterConfig {
  std::vector<WriterQueue> queues;
  std::optional<SlowestJob> slowest_job;  // nullopt: nothing is scraped
  // Of rules whose group does not say another, which its file alone tells; nullopt: there are no rules.
  std::optional<Duration> evaluation_interval;
  ExternalLabels external_labels;
};

// `text` is a whole configuration of Prometheus. Errc::invalid_input names the position of what Prometheus would not
// have accepted either.
Result<WriterConfig> parse_writer_config(std::string_view text);

}  // namespace promfleet::elector
