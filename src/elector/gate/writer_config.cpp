#include "elector/gate/writer_config.h"

#include <algorithm>

#include "codec/yaml/fields.h"
#include "codec/yaml/parse.h"
#include "core/base/try.h"
#include "model/duration.h"

namespace promfleet::elector {

namespace {

// Prometheus' default.
constexpr Duration kEvaluationInterval = 1min;

Result<Duration> duration_or(const yaml::Fields& fields, std::string_view key, Duration otherwise) {
  TRY_ASSIGN(const std::optional<std::string> text, fields.string(key));
  if (!text) return otherwise;
  return with_context(parse_prometheus_duration(*text), std::string(key));
}

Result<WriterQueue> read_queue(const yaml::Node& node) {
  TRY_ASSIGN(const yaml::Fields fields, yaml::Fields::of(node));
  TRY_ASSIGN(const yaml::Fields queue_config, fields.fields("queue_config"));
  WriterQueue queue;
  TRY_ASSIGN(const std::optional<std::string> name, fields.string("name"));
  TRY_ASSIGN(const std::optional<std::string> url, fields.string("url"));
  queue.name = name.value_or("");
  queue.url = url.value_or("");
  TRY_ASSIGN(queue.min_shards, queue_config.string("min_shards"));
  TRY_ASSIGN(queue.max_shards, queue_config.string("max_shards"));
  TRY_ASSIGN(queue.remote_timeout, duration_or(fields, "remote_timeout", queue.remote_timeout));
  TRY_ASSIGN(queue.batch_send_deadline, duration_or(queue_config, "batch_send_deadline", queue.batch_send_deadline));
  return queue;
}

// With what the global section says, whose time-out Prometheus shortens to the job's interval.
Result<SlowestJob> read_job(const yaml::Node& node, const SlowestJob& global) {
  TRY_ASSIGN(const yaml::Fields fields, yaml::Fields::of(node));
  SlowestJob job;
  TRY_ASSIGN(const std::optional<std::string> name, fields.string("job_name"));
  job.name = name.value_or("");
  TRY_ASSIGN(job.interval, duration_or(fields, "scrape_interval", global.interval));
  TRY_ASSIGN(job.timeout, duration_or(fields, "scrape_timeout", std::min(global.timeout, job.interval)));
  return job;
}

Result<std::optional<SlowestJob>> slowest_of(const yaml::Fields& root, const SlowestJob& global) {
  TRY_ASSIGN(const std::span<const yaml::Node> jobs, root.sequence("scrape_configs"));
  std::optional<SlowestJob> slowest;
  for (const yaml::Node& node : jobs) {
    TRY_ASSIGN(SlowestJob job, read_job(node, global));
    if (!slowest || job.interval + job.timeout > slowest->interval + slowest->timeout) slowest = std::move(job);
  }
  return slowest;
}

}  // namespace

Result<WriterConfig> parse_writer_config(std::string_view text) {
  TRY_ASSIGN(const yaml::Node document, yaml::parse(text));
  TRY_ASSIGN(const yaml::Fields root, yaml::Fields::of(document));
  TRY_ASSIGN(const yaml::Fields global_fields, root.fields("global"));
  SlowestJob global;
  TRY_ASSIGN(global.interval, duration_or(global_fields, "scrape_interval", global.interval));
  TRY_ASSIGN(global.timeout, duration_or(global_fields, "scrape_timeout", global.timeout));
  WriterConfig config;
  TRY_ASSIGN(config.slowest_job, slowest_of(root, global));
  TRY_ASSIGN(const std::span<const yaml::Node> rules, root.sequence("rule_files"));
  if (!rules.empty()) {
    TRY_ASSIGN(config.evaluation_interval, duration_or(global_fields, "evaluation_interval", kEvaluationInterval));
  }
  TRY_ASSIGN(const std::span<const yaml::Node> queues, root.sequence("remote_write"));
  for (const yaml::Node& node : queues) {
    TRY_ASSIGN(WriterQueue queue, read_queue(node));
    config.queues.push_back(std::move(queue));
  }
  TRY_ASSIGN(const yaml::Fields labels, global_fields.fields("external_labels"));
  for (const yaml::Entry& label : labels.entries()) {
    TRY_ASSIGN(config.external_labels[label.name()], yaml::as_string(label.value));
  }
  return config;
}

}  // namespace promfleet::elector
