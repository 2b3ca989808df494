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

template <class SomeColumns, class Use>
void for_each_column(SomeColumns& columns, Use use) {
  use(columns.series);
  use(columns.labels);
  use(columns.samples);
  use(columns.histograms);
  use(columns.exemplars);
  use(columns.exemplar_labels);
  use(columns.metadata);
  use(columns.families);
  use(columns.symbols);
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

std::size_t pieces_of(const WriteRequest& request, const Series& series) {
  const std::size_t pieces =
      request.samples(series).size() + request.histograms(series).size() + request.exemplars(series).size();
  return std::max<std::size_t>(pieces, 1);
}

// Some of a request's pieces, by their numbers.
struct Pieces {
  std::size_t begin;
  std::size_t end;

  // Those of a series, or other run of pieces, that begins with the number `first`; it goes on behind the run.
  template <class T>
  std::span<const T> among(std::span<const T> run, std::size_t& first) const {
    const std::size_t last = first + run.size();
    const std::size_t from = std::clamp(begin, first, last) - first;
    const std::size_t to = std::clamp(end, first, last) - first;
    first = last;
    return run.subspan(from, to - from);
  }
};

void copy_series(const WriteRequest& whole, const Series& series, std::size_t first, Pieces pieces,
                 WriteRequest& part) {
  part.begin_series(whole.labels(series));
  if (series.metadata != 0) part.set_metadata(whole.metadata(series));
  for (const Sample& sample : pieces.among(whole.samples(series), first)) part.add_sample(sample);
  for (const Histogram& histogram : pieces.among(whole.histograms(series), first)) part.add_histogram(histogram);
  for (const Exemplar& exemplar : pieces.among(whole.exemplars(series), first)) {
    part.add_exemplar(exemplar.timestamp_ms, exemplar.value, whole.labels(exemplar));
  }
}

}  // namespace

void Columns::clear() {
  for_each_column(*this, [](auto& column) { column.clear(); });
}

std::size_t Columns::bytes() const {
  std::size_t sum = 0;
  for_each_column(*this, [&](const auto& column) { sum += column.all().size_bytes(); });
  return sum;
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

std::size_t piece_count(const WriteRequest& request) {
  std::size_t count = request.families().size();
  for (const Series& series : request.series()) count += pieces_of(request, series);
  return count;
}

void copy_pieces(const WriteRequest& whole, Range range, WriteRequest& part) {
  const Pieces pieces{range.begin, range.begin + std::size_t{range.count}};
  part.clear();
  std::size_t first = 0;
  for (const Series& series : whole.series()) {
    const std::size_t last = first + pieces_of(whole, series);
    if (first < pieces.end && pieces.begin < last) copy_series(whole, series, first, pieces, part);
    first = last;
  }
  for (const FamilyMetadata& family : pieces.among(whole.families(), first)) part.add_family(family);
}

}  // namespace promfleet::remote_write
