#include "codec/remote_write/decoder_v1.h"

#include <algorithm>
#include <bit>
#include <cstddef>

#include "codec/remote_write/common_series.h"
#include "codec/remote_write/measurements.h"

namespace promfleet::remote_write {
namespace {

// How far series of the common shape are read before somebody looks at how much they are.
constexpr std::ptrdiff_t kLookAfterBytes = 1024 * 1024;

}  // namespace

bool DecoderV1::read_request(std::string_view message) {
  FieldReader reader(message, damage_);
  Field field;
  while (true) {
    const std::ptrdiff_t left = reader.end() - reader.at();
    const char* const stop = reader.at() + std::min(left, kLookAfterBytes);
    reader.skip_to(read_common_series(reader.at(), stop, columns_));
    if (columns_.bytes() > kValuesBytesMax) return false;
    if (!reader.next(field)) return !damage_.is_found();
    if (!read_request_field(field)) return false;
  }
}

bool DecoderV1::read_request_field(const Field& field) {
  switch (field.key) {
    case key(1, WireType::bytes): return read_series(field.bytes);
    case key(3, WireType::bytes): return read_family(field.bytes);
    default: return (field.number() != 1 && field.number() != 3) || damage_.note_wrong_type(field);
  }
}

bool DecoderV1::read_series(std::string_view message) {
  Filling labels(columns_.labels, message.size() / kFieldSizeMin);
  Filling samples(columns_.samples, message.size() / kFieldSizeMin);
  const std::size_t first_histogram = columns_.histograms.size();
  const std::size_t first_exemplar = columns_.exemplars.size();
  Histogram histogram;
  FieldReader reader(message, damage_);
  for (Field field; reader.next(field);) {
    switch (field.key) {
      case key(1, WireType::bytes):
        if (!labels.has_slot() || !read_label(field.bytes, *labels.slot())) return false;
        labels.keep();
        break;
      case key(2, WireType::bytes):
        if (!samples.has_slot() || !read_sample(field.bytes, Version::v1, *samples.slot(), damage_)) return false;
        samples.keep();
        break;
      case key(3, WireType::bytes):
        if (!read_exemplar(field.bytes) || columns_.bytes() > kValuesBytesMax) return false;
        break;
      case key(4, WireType::bytes):
        if (!read_histogram(field.bytes, Version::v1, histogram, damage_)) return false;
        columns_.histograms.push_back(histogram);
        if (columns_.bytes() > kValuesBytesMax) return false;
        break;
      default:
        if (field.number() <= 4) return damage_.note_wrong_type(field);
    }
  }
  columns_.series.push_back({.labels = labels.commit(),
                             .samples = samples.commit(),
                             .histograms = columns_.histograms.since(first_histogram),
                             .exemplars = columns_.exemplars.since(first_exemplar)});
  return !damage_.is_found();
}

bool DecoderV1::read_label(std::string_view message, Label& label) {
  label = {};
  FieldReader reader(message, damage_);
  for (Field field; reader.next(field);) {
    switch (field.key) {
      case key(1, WireType::bytes): label.name = field.bytes; break;
      case key(2, WireType::bytes): label.value = field.bytes; break;
      default:
        if (field.number() <= 2) return damage_.note_wrong_type(field);
    }
  }
  return !damage_.is_found();
}

bool DecoderV1::read_exemplar(std::string_view message) {
  Exemplar exemplar;
  Filling labels(columns_.exemplar_labels, message.size() / kFieldSizeMin);
  FieldReader reader(message, damage_);
  for (Field field; reader.next(field);) {
    switch (field.key) {
      case key(1, WireType::bytes):
        if (!labels.has_slot() || !read_label(field.bytes, *labels.slot())) return false;
        labels.keep();
        break;
      case key(2, WireType::fixed64): exemplar.value = std::bit_cast<double>(field.value); break;
      case key(3, WireType::varint): exemplar.timestamp_ms = static_cast<std::int64_t>(field.value); break;
      default:
        if (field.number() <= 3) return damage_.note_wrong_type(field);
    }
  }
  exemplar.labels = labels.commit();
  columns_.exemplars.push_back(exemplar);
  return !damage_.is_found();
}

bool DecoderV1::read_family(std::string_view message) {
  FamilyMetadata family;
  FieldReader reader(message, damage_);
  for (Field field; reader.next(field);) {
    switch (field.key) {
      case key(1, WireType::varint): family.metadata.type = static_cast<MetricType>(field.value); break;
      case key(2, WireType::bytes): family.family = field.bytes; break;
      case key(4, WireType::bytes): family.metadata.help = field.bytes; break;
      case key(5, WireType::bytes): family.metadata.unit = field.bytes; break;
      default:
        if (field.number() <= 5 && field.number() != 3) return damage_.note_wrong_type(field);
    }
  }
  columns_.families.push_back(family);
  return !damage_.is_found();
}

}  // namespace promfleet::remote_write
