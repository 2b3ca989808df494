#include "codec/remote_write/decoder_v2.h"

#include <bit>
#include <cstdint>
#include <span>

#include "codec/remote_write/measurements.h"

namespace promfleet::remote_write {
namespace {

// Of what has none of its own.
template <class Measurement>
void set_start(std::span<Measurement> measurements, std::int64_t created_ms) {
  for (Measurement& measurement : measurements) {
    if (measurement.start_timestamp_ms == 0) measurement.start_timestamp_ms = created_ms;
  }
}

}  // namespace

// Labels from references to symbols: a name, its value, the next name. They may come in several fields, and a field
// may end between the two.
class DecoderV2::Labels {
 public:
  Labels(Column<Label>& column, std::span<const std::string_view> symbols, std::size_t references_max)
      : labels_(column, references_max / 2), symbols_(symbols) {}

  bool read(const Field& field, Damage& damage) {
    return for_each_varint(field, damage, [&](std::uint64_t reference) {
      if (reference >= symbols_.size()) return damage.note(field.at, "a label refers to a symbol that is not there");
      return add(symbols_[reference]);
    });
  }

  bool has_name_only() const { return has_name_; }

  Range commit() { return labels_.commit(); }

 private:
  bool add(std::string_view symbol) {
    if (!labels_.has_slot()) return false;
    if (has_name_) {
      labels_.slot()->value = symbol;
      labels_.keep();
    } else {
      labels_.slot()->name = symbol;
    }
    has_name_ = !has_name_;
    return true;
  }

  Filling<Label> labels_;
  std::span<const std::string_view> symbols_;
  bool has_name_ = false;
};

bool DecoderV2::read_request(std::string_view message) {
  return read_symbols(message) && read_all_series(message);
}

bool DecoderV2::read_symbols(std::string_view request) {
  FieldReader reader(request, damage_);
  for (Field field; reader.next(field);) {
    if (field.number() != 4) continue;
    if (field.type() != WireType::bytes) return damage_.note_wrong_type(field);
    if (columns_.symbols.size() == 0 && !field.bytes.empty()) {
      return damage_.note(field.at, "the first symbol is not the empty one");
    }
    columns_.symbols.push_back(field.bytes);
    if (columns_.symbols.all().size_bytes() > kValuesBytesMax) return false;
  }
  return !damage_.is_found();
}

bool DecoderV2::read_all_series(std::string_view request) {
  FieldReader reader(request, damage_);
  for (Field field; reader.next(field);) {
    if (field.number() != 5) continue;
    if (field.type() != WireType::bytes) return damage_.note_wrong_type(field);
    if (!read_series(field.bytes) || columns_.bytes() > kValuesBytesMax) return false;
  }
  return !damage_.is_found();
}

bool DecoderV2::read_series(std::string_view message) {
  Labels labels(columns_.labels, columns_.symbols.all(), message.size());
  Filling samples(columns_.samples, message.size() / kFieldSizeMin);
  const std::size_t first_histogram = columns_.histograms.size();
  const std::size_t first_exemplar = columns_.exemplars.size();
  Histogram histogram;
  Metadata metadata;
  std::int64_t created_ms = 0;

  FieldReader reader(message, damage_);
  for (Field field; reader.next(field);) {
    switch (field.key) {
      case key(1, WireType::varint):
      case key(1, WireType::bytes):
        if (!labels.read(field, damage_)) return false;
        break;
      case key(2, WireType::bytes):
        if (!samples.has_slot() || !read_sample(field.bytes, Version::v2, *samples.slot(), damage_)) return false;
        samples.keep();
        break;
      case key(3, WireType::bytes):
        if (!read_histogram(field.bytes, Version::v2, histogram, damage_)) return false;
        columns_.histograms.push_back(histogram);
        if (columns_.bytes() > kValuesBytesMax) return false;
        break;
      case key(4, WireType::bytes):
        if (!read_exemplar(field.bytes) || columns_.bytes() > kValuesBytesMax) return false;
        break;
      case key(5, WireType::bytes):
        if (!read_metadata(field.bytes, metadata)) return false;
        break;
      case key(6, WireType::varint): created_ms = static_cast<std::int64_t>(field.value); break;
      default:
        if (field.number() <= 6) return damage_.note_wrong_type(field);
    }
  }
  if (damage_.is_found()) return false;
  if (labels.has_name_only()) return damage_.note(message.data(), "a label has a name and no value");

  set_start(samples.all(), created_ms);
  set_start(columns_.histograms.all().subspan(first_histogram), created_ms);
  columns_.series.push_back({.labels = labels.commit(),
                             .samples = samples.commit(),
                             .histograms = columns_.histograms.since(first_histogram),
                             .exemplars = columns_.exemplars.since(first_exemplar),
                             .metadata = add(metadata)});
  return true;
}

bool DecoderV2::read_exemplar(std::string_view message) {
  Exemplar exemplar;
  Labels labels(columns_.exemplar_labels, columns_.symbols.all(), message.size());
  FieldReader reader(message, damage_);
  for (Field field; reader.next(field);) {
    switch (field.key) {
      case key(1, WireType::varint):
      case key(1, WireType::bytes):
        if (!labels.read(field, damage_)) return false;
        break;
      case key(2, WireType::fixed64): exemplar.value = std::bit_cast<double>(field.value); break;
      case key(3, WireType::varint): exemplar.timestamp_ms = static_cast<std::int64_t>(field.value); break;
      default:
        if (field.number() <= 3) return damage_.note_wrong_type(field);
    }
  }
  if (damage_.is_found()) return false;
  if (labels.has_name_only()) return damage_.note(message.data(), "a label has a name and no value");
  exemplar.labels = labels.commit();
  columns_.exemplars.push_back(exemplar);
  return true;
}

bool DecoderV2::read_metadata(std::string_view message, Metadata& metadata) {
  FieldReader reader(message, damage_);
  for (Field field; reader.next(field);) {
    switch (field.key) {
      case key(1, WireType::varint): metadata.type = static_cast<MetricType>(field.value); break;
      case key(3, WireType::varint):
        if (!read_symbol(field, metadata.help)) return false;
        break;
      case key(4, WireType::varint):
        if (!read_symbol(field, metadata.unit)) return false;
        break;
      default:
        if (field.number() <= 4 && field.number() != 2) return damage_.note_wrong_type(field);
    }
  }
  return !damage_.is_found();
}

bool DecoderV2::read_symbol(const Field& reference, std::string_view& symbol) {
  const std::span<const std::string_view> symbols = columns_.symbols.all();
  if (reference.value >= symbols.size()) {
    return damage_.note(reference.at, "metadata refers to a symbol that is not there");
  }
  symbol = symbols[reference.value];
  return true;
}

std::uint32_t DecoderV2::add(const Metadata& metadata) {
  if (metadata == Metadata{}) return 0;
  columns_.metadata.push_back(metadata);
  return static_cast<std::uint32_t>(columns_.metadata.size());
}

}  // namespace promfleet::remote_write
