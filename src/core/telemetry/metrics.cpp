#include "core/telemetry/metrics.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

#include "core/base/assert.h"

namespace promfleet {

namespace {

// A help text escapes backslash and newline, a label value the quote too.
void append_escaped(std::string& out, std::string_view text, std::string_view escaped) {
  for (const char c : text) {
    if (!escaped.contains(c)) {
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += '\\';
      out += c;
    }
  }
}

std::string render_labels(const MetricLabels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    if (!out.empty()) out += ',';
    out += name;
    out += "=\"";
    append_escaped(out, value, "\\\n\"");
    out += '"';
  }
  return out;
}

std::string format_value(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

void append_sample(std::string& out, std::string_view name, std::string_view labels, double value) {
  out += name;
  if (!labels.empty()) {
    out += '{';
    out += labels;
    out += '}';
  }
  out += ' ';
  out += format_value(value);
  out += '\n';
}

}  // namespace

void Histogram::observe(double value) {
  const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  buckets_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

Registry::Family& Registry::family(std::string_view name, std::string_view help, Kind kind) {
  const auto [entry, is_new] = families_.try_emplace(
      std::string(name),
      Family{.kind = kind, .help = std::string(help), .counters = {}, .gauges = {}, .histograms = {}});
  ASSERT(entry->second.kind == kind);
  return entry->second;
}

Counter& Registry::counter(std::string_view name, std::string_view help, const MetricLabels& labels) {
  auto& series = family(name, help, Kind::counter).counters;
  const std::string rendered = render_labels(labels);
  for (const auto& one : series) {
    if (one.labels == rendered) return *one.metric;
  }
  return *series.emplace_back(rendered, &counters_.emplace_back()).metric;
}

Gauge& Registry::gauge(std::string_view name, std::string_view help, const MetricLabels& labels) {
  auto& series = family(name, help, Kind::gauge).gauges;
  const std::string rendered = render_labels(labels);
  for (const auto& one : series) {
    if (one.labels == rendered) return *one.metric;
  }
  return *series.emplace_back(rendered, &gauges_.emplace_back()).metric;
}

Histogram& Registry::histogram(std::string_view name, std::string_view help, std::vector<double> bounds,
                               const MetricLabels& labels) {
  auto& series = family(name, help, Kind::histogram).histograms;
  const std::string rendered = render_labels(labels);
  for (const auto& one : series) {
    if (one.labels == rendered) return *one.metric;
  }
  return *series.emplace_back(rendered, &histograms_.emplace_back(std::move(bounds))).metric;
}

void Registry::render_histogram(std::string& out, const std::string& name, const Series<Histogram>& series) {
  const Histogram& histogram = *series.metric;
  const std::string separator = series.labels.empty() ? "" : ",";
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < histogram.buckets_.size(); ++i) {
    below += histogram.buckets_[i].load(std::memory_order_relaxed);
    const double bound = i < histogram.bounds_.size() ? histogram.bounds_[i] : HUGE_VAL;
    append_sample(out, name + "_bucket", fmt::format("{}{}le=\"{}\"", series.labels, separator, format_value(bound)),
                  static_cast<double>(below));
  }
  append_sample(out, name + "_sum", series.labels, histogram.sum_.load(std::memory_order_relaxed));
  append_sample(out, name + "_count", series.labels, static_cast<double>(below));
}

std::string Registry::render() const {
  for (const auto& refresh : refreshes_) refresh();
  std::string out;
  for (const auto& [name, family] : families_) {
    fmt::format_to(std::back_inserter(out), "# HELP {} ", name);
    append_escaped(out, family.help, "\\\n");
    const char* kind = family.kind == Kind::counter ? "counter" : family.kind == Kind::gauge ? "gauge" : "histogram";
    fmt::format_to(std::back_inserter(out), "\n# TYPE {} {}\n", name, kind);
    for (const auto& series : family.counters) append_sample(out, name, series.labels, series.metric->value());
    for (const auto& series : family.gauges) append_sample(out, name, series.labels, series.metric->value());
    for (const auto& series : family.histograms) render_histogram(out, name, series);
  }
  return out;
}

}  // namespace promfleet
