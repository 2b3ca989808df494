// What a remote write request says, of version 1.0 (prometheus.WriteRequest) and 2.0 (io.prometheus.write.v2.Request)
// alike: series with their labels and what was measured of them.
//
//   for (const Series& series : request.series()) {
//     for (const Label& label : request.labels(series)) ...
//     for (const Sample& sample : request.samples(series)) ...
//   }
//
// It owns a few flat arrays and no bytes. A series names the ranges that are its own, and every string is a view into
// the body that was decoded, which has to outlive it. Since clear() keeps the arrays, a request that is decoded into
// again allocates nothing once it has seen one of that size.
//
// Sources: prompb/types.proto, prompb/remote.proto and prompb/io/prometheus/write/v2/types.proto of prometheus.
// Thread safety: none; a const one can be read by many.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "codec/remote_write/column.h"
#include "core/base/error.h"

namespace promfleet::remote_write {

struct Label {
  std::string_view name;
  std::string_view value;

  bool operator==(const Label&) const = default;
};

// The value that ends a series: one NaN of many, so values are compared and kept by their bits.
inline constexpr std::uint64_t kStaleMarkerBits = 0x7ff0'0000'0000'0002;

constexpr std::uint64_t bits_of(double value) {
  return std::bit_cast<std::uint64_t>(value);
}

struct Sample {
  std::int64_t timestamp_ms = 0;
  double value = 0;
  std::int64_t start_timestamp_ms = 0;  // when the counter began to count; 0: not known, and always in 1.0

  bool is_stale_marker() const { return bits_of(value) == kStaleMarkerBits; }
  bool operator==(const Sample& other) const {
    return timestamp_ms == other.timestamp_ms && bits_of(value) == bits_of(other.value) &&
           start_timestamp_ms == other.start_timestamp_ms;
  }
};

// A native histogram, passed on as it came. The message is the same in both versions, but that only 2.0 has the start
// timestamp: whatever `encoded` says of it, start_timestamp_ms counts.
struct Histogram {
  std::string_view encoded;  // the message, checked
  std::int64_t timestamp_ms = 0;
  double sum = 0;
  std::int64_t start_timestamp_ms = 0;

  bool is_stale_marker() const { return bits_of(sum) == kStaleMarkerBits; }
};

struct Exemplar {
  std::int64_t timestamp_ms = 0;
  double value = 0;
  Range labels;  // for WriteRequest::labels()
};

// Any number may come; those without a name are kept.
enum class MetricType : std::int32_t {
  unknown = 0,
  counter = 1,
  gauge = 2,
  histogram = 3,
  gauge_histogram = 4,
  summary = 5,
  info = 6,
  state_set = 7,
};

struct Metadata {
  MetricType type = MetricType::unknown;
  std::string_view help;
  std::string_view unit;

  bool operator==(const Metadata&) const = default;
};

// How 1.0 tells metadata: of a metric's name, beside the series.
struct FamilyMetadata {
  std::string_view family;
  Metadata metadata;

  bool operator==(const FamilyMetadata&) const = default;
};

// What is its own in the arrays of a request; the accessors of WriteRequest resolve it.
struct Series {
  Range labels;
  Range samples;
  Range histograms;
  Range exemplars;
  std::uint32_t metadata = 0;  // a number from 1; 0: none
};

struct TimeRange {
  std::int64_t lowest_ms = 0;
  std::int64_t highest_ms = 0;

  bool operator==(const TimeRange&) const = default;
};

// The arrays of a request. Those who decode fill them; everyone else reads them through WriteRequest.
struct Columns {
  Column<Series> series;
  Column<Label> labels;  // of series
  Column<Sample> samples;
  Column<Histogram> histograms;
  Column<Exemplar> exemplars;
  Column<Label> exemplar_labels;
  Column<Metadata> metadata;  // of series
  Column<FamilyMetadata> families;
  Column<std::string_view> symbols;  // of the body, while it is decoded

  void clear();
  std::size_t bytes() const;  // of all values
};

class WriteRequest {
 public:
  void clear() { columns_.clear(); }
  // Of memory, without the strings.
  std::size_t bytes() const { return columns_.bytes(); }

  std::span<const Series> series() const { return columns_.series.all(); }
  std::span<const Label> labels(const Series& of) const { return part(columns_.labels, of.labels); }
  std::span<const Sample> samples(const Series& of) const { return part(columns_.samples, of.samples); }
  std::span<const Histogram> histograms(const Series& of) const { return part(columns_.histograms, of.histograms); }
  std::span<const Exemplar> exemplars(const Series& of) const { return part(columns_.exemplars, of.exemplars); }
  std::span<const Label> labels(const Exemplar& of) const { return part(columns_.exemplar_labels, of.labels); }
  // Of 2.0 only: 1.0 has families() instead.
  Metadata metadata(const Series& of) const;

  // Those of all series, one series after the other.
  std::span<const Sample> samples() const { return columns_.samples.all(); }
  std::span<const Histogram> histograms() const { return columns_.histograms.all(); }
  std::span<const Exemplar> exemplars() const { return columns_.exemplars.all(); }
  std::span<const FamilyMetadata> families() const { return columns_.families.all(); }

  // The lowest and the highest timestamp of samples and histograms; nothing where there are none.
  std::optional<TimeRange> time_range() const;

  // Puts a series behind the others. What is added next belongs to it. The strings have to outlive the request; the
  // spans may be of this request or another.
  void begin_series(std::span<const Label> labels);
  void add_sample(const Sample& sample);
  void add_histogram(const Histogram& histogram);
  void add_exemplar(std::int64_t timestamp_ms, double value, std::span<const Label> labels);
  void set_metadata(const Metadata& metadata);
  // Belongs to no series.
  void add_family(const FamilyMetadata& family);

  // Takes the labels with one of these names from every series. Whether series are still distinct is the caller's
  // concern.
  void drop_labels(std::span<const std::string_view> names);
  // Labels of each series in the order of their names, as senders are to send them.
  void sort_labels();

 private:
  template <class T>
  static std::span<const T> part(const Column<T>& column, Range range) {
    return column.all().subspan(range.begin, range.count);
  }

  friend Result<void> decode_v1(std::string_view body, WriteRequest& request);
  friend Result<void> decode_v2(std::string_view body, WriteRequest& request);

  Columns columns_;
};

// The pieces into which a request can be cut: its samples, histograms, exemplars and families, and series that have
// none of these.
std::size_t piece_count(const WriteRequest& request);

// Puts the pieces of these numbers, from 0, in the place of what `part` held. A series that is cut is in each part that
// has a piece of it.
void copy_pieces(const WriteRequest& whole, Range pieces, WriteRequest& part);

}  // namespace promfleet::remote_write
