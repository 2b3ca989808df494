#include "codec/remote_write/write_request.h"

#include <algorithm>

#include "core/base/assert.h"

namespace promfleet::remote_write {
namespace {

// Appends and returns where.
template <class T>
Range append(Column<T>& column, std::span<const T> values) {
  const Range range{static_cast<std::uint32_t>(column.size()), static_cast<std::uint32_t>(values.size())};
  column.append(values);
  return range;
}

// Appends to what the last series has in the column.
template <class T>
void append(Column<T>& column, const T& value, Range& range) {
  if (range.count == 0) range.begin = static_cast<std::uint32_t>(column.size());
  ++range.count;
  column.push_back(value);
}

template <class Timestamped>
void widen(std::optional<TimeRange>& range, std::span<const Timestamped> values) {
  if (values.empty()) return;
  if (!range) range = TimeRange{values.front().timestamp_ms, values.front().timestamp_ms};
  for (const Timestamped& value : values) {
    range->lowest_ms = std::min(range->lowest_ms, value.timestamp_ms);
    range->highest_ms = std::max(range->highest_ms, value.timestamp_ms);
  }
}

}  // namespace

void Columns::clear() {
  series.clear();
  labels.clear();
  samples.clear();
  histograms.clear();
  exemplars.clear();
  exemplar_labels.clear();
  metadata.clear();
  families.clear();
  symbols.clear();
}

Metadata WriteRequest::metadata(const Series& of) const {
  return of.metadata == 0 ? Metadata{} : columns_.metadata.all()[of.metadata - 1];
}

std::optional<TimeRange> WriteRequest::time_range() const {
  std::optional<TimeRange> range;
  widen(range, samples());
  widen(range, histograms());
  return range;
}

void WriteRequest::begin_series(std::span<const Label> labels) {
  Series series;
  series.labels = append(columns_.labels, labels);
  columns_.series.push_back(series);
}

void WriteRequest::add_sample(const Sample& sample) {
  ASSERT(columns_.series.size() > 0);
  append(columns_.samples, sample, columns_.series.back().samples);
}

void WriteRequest::add_histogram(const Histogram& histogram) {
  ASSERT(columns_.series.size() > 0);
  append(columns_.histograms, histogram, columns_.series.back().histograms);
}

void WriteRequest::add_exemplar(std::int64_t timestamp_ms, double value, std::span<const Label> labels) {
  ASSERT(columns_.series.size() > 0);
  const Exemplar exemplar{timestamp_ms, value, append(columns_.exemplar_labels, labels)};
  append(columns_.exemplars, exemplar, columns_.series.back().exemplars);
}

void WriteRequest::set_metadata(const Metadata& metadata) {
  ASSERT(columns_.series.size() > 0);
  columns_.metadata.push_back(metadata);
  columns_.series.back().metadata = static_cast<std::uint32_t>(columns_.metadata.size());
}

void WriteRequest::add_family(const FamilyMetadata& family) {
  columns_.families.push_back(family);
}

void WriteRequest::drop_labels(std::span<const std::string_view> names) {
  const auto is_dropped = [&](const Label& label) { return std::ranges::find(names, label.name) != names.end(); };
  for (Series& series : columns_.series.all()) {
    const std::span<Label> labels = columns_.labels.all().subspan(series.labels.begin, series.labels.count);
    series.labels.count -= static_cast<std::uint32_t>(std::ranges::remove_if(labels, is_dropped).size());
  }
}

void WriteRequest::sort_labels() {
  for (const Series& series : columns_.series.all()) {
    const std::span<Label> labels = columns_.labels.all().subspan(series.labels.begin, series.labels.count);
    if (!std::ranges::is_sorted(labels, {}, &Label::name)) std::ranges::sort(labels, {}, &Label::name);
  }
}

}  // namespace promfleet::remote_write
