#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "codec/remote_write/encode.h"
#include "codec/remote_write/measurements.h"
#include "codec/remote_write/symbol_table.h"
#include "codec/remote_write/wire_writer.h"

namespace promfleet::remote_write {
namespace {

// Every string of a request as the number of its symbol, in the order in which the messages need them.
class References {
 public:
  explicit References(const WriteRequest& request) {
    for (const Series& series : request.series()) {
      previous_ = std::exchange(current_, numbers_.size());
      const Metadata metadata = request.metadata(series);
      add(metadata.help);
      add(metadata.unit);
      add(request.labels(series));
      for (const Exemplar& exemplar : request.exemplars(series)) add(request.labels(exemplar));
    }
  }

  std::span<const std::string_view> symbols() const { return table_.symbols(); }
  std::span<const std::uint32_t> numbers() const { return numbers_; }

 private:
  // Most series have most strings where the one before them has them.
  void add(std::string_view text) {
    const std::size_t twin = previous_ + (numbers_.size() - current_);
    numbers_.push_back(table_.number_of(text, twin < current_ ? numbers_[twin] : 0));
  }
  void add(std::span<const Label> labels) {
    for (const Label& label : labels) {
      add(label.name);
      add(label.value);
    }
  }

  SymbolTable table_;
  std::vector<std::uint32_t> numbers_;
  std::size_t previous_ = 0;  // where in numbers_ those of the series before begin
  std::size_t current_ = 0;   // and those of the series that is added
};

using Numbers = std::span<const std::uint32_t>;

// Takes the first `count` from `numbers`.
Numbers take(Numbers& numbers, std::size_t count) {
  const Numbers taken = numbers.first(count);
  numbers = numbers.subspan(count);
  return taken;
}

struct ExemplarMessage {
  const Exemplar& exemplar;
  Numbers labels;
};
struct MetadataMessage {
  MetricType type;
  std::uint32_t help;
  std::uint32_t unit;
};
struct SeriesMessage {
  const WriteRequest& request;
  const Series& series;
  Numbers numbers;
};
struct RequestMessage {
  const WriteRequest& request;
  const References& references;
};

template <class Sink>
void give_fields(const ExemplarMessage& message, Sink& sink) {
  sink.packed(1, message.labels);
  sink.fixed64(2, bits_of(message.exemplar.value));
  sink.varint(3, static_cast<std::uint64_t>(message.exemplar.timestamp_ms));
}

template <class Sink>
void give_fields(const MetadataMessage& message, Sink& sink) {
  sink.varint(1, enum_varint(message.type));
  sink.varint(3, message.help);
  sink.varint(4, message.unit);
}

std::size_t count_numbers(const WriteRequest& request, const Series& series) {
  std::size_t count = 2 + 2 * request.labels(series).size();
  for (const Exemplar& exemplar : request.exemplars(series)) count += 2 * request.labels(exemplar).size();
  return count;
}

template <class Sink>
void give_fields(const SeriesMessage& message, Sink& sink) {
  const WriteRequest& request = message.request;
  const Series& series = message.series;
  Numbers numbers = message.numbers;
  const Numbers metadata = take(numbers, 2);
  sink.packed(1, take(numbers, 2 * request.labels(series).size()));
  for (const Sample& sample : request.samples(series)) sink.message(2, SampleMessage{sample, Version::v2});
  for (const Histogram& histogram : request.histograms(series)) {
    sink.message(3, HistogramMessage{histogram, Version::v2});
  }
  for (const Exemplar& exemplar : request.exemplars(series)) {
    sink.message(4, ExemplarMessage{exemplar, take(numbers, 2 * request.labels(exemplar).size())});
  }
  // Go writes it where it says nothing, too.
  sink.message(5, MetadataMessage{request.metadata(series).type, metadata[0], metadata[1]});
}

template <class Sink>
void give_fields(const RequestMessage& message, Sink& sink) {
  const WriteRequest& request = message.request;
  for (const std::string_view symbol : message.references.symbols()) sink.element(4, symbol);
  Numbers numbers = message.references.numbers();
  for (const Series& series : request.series()) {
    sink.message(5, SeriesMessage{request, series, take(numbers, count_numbers(request, series))});
  }
}

}  // namespace

Result<void> encode_v2(const WriteRequest& request, std::string& out, EncodeLimits limits) {
  const References references(request);
  return write_message(RequestMessage{request, references}, limits.bytes_max, out);
}

}  // namespace promfleet::remote_write
