#include "codec/remote_write/measurements.h"

#include <array>
#include <bit>

#include "codec/remote_write/common_series.h"

namespace promfleet::remote_write {
namespace {

enum class Kind : std::uint8_t { unknown, varint, varints, fixed64, fixed64s, spans };

// What each field of Histogram is, by number.
constexpr std::array kHistogramKinds = {
    Kind::unknown,
    Kind::varint,    // count of integers
    Kind::fixed64,   // count of floats
    Kind::fixed64,   // sum
    Kind::varint,    // schema
    Kind::fixed64,   // zero threshold
    Kind::varint,    // zero count of integers
    Kind::fixed64,   // zero count of floats
    Kind::spans,     // negative spans
    Kind::varints,   // negative deltas
    Kind::fixed64s,  // negative counts
    Kind::spans,     // positive spans
    Kind::varints,   // positive deltas
    Kind::fixed64s,  // positive counts
    Kind::varint,    // reset hint
    Kind::varint,    // timestamp
    Kind::fixed64s,  // custom values
    Kind::varint,    // start timestamp
};
constexpr std::uint32_t kSum = 3;
constexpr std::uint32_t kTimestamp = 15;
constexpr std::uint32_t kStartTimestamp = 17;

bool check_type(const Field& field, WireType type, Damage& damage) {
  return field.type() == type || damage.note_wrong_type(field);
}

bool check_span(std::string_view message, Damage& damage) {
  FieldReader reader(message, damage);
  for (Field field; reader.next(field);) {
    if (field.number() <= 2 && !check_type(field, WireType::varint, damage)) return false;
  }
  return !damage.is_found();
}

bool check_fixed64s(const Field& field, Damage& damage) {
  if (field.type() != WireType::bytes) return check_type(field, WireType::fixed64, damage);
  return field.bytes.size() % 8 == 0 || damage.note(field.at, "a packed number is cut off");
}

bool check(const Field& field, Kind kind, Damage& damage) {
  switch (kind) {
    case Kind::unknown: return true;
    case Kind::varint: return check_type(field, WireType::varint, damage);
    case Kind::varints: return for_each_varint(field, damage, [](std::uint64_t) { return true; });
    case Kind::fixed64: return check_type(field, WireType::fixed64, damage);
    case Kind::fixed64s: return check_fixed64s(field, damage);
    case Kind::spans: return check_type(field, WireType::bytes, damage) && check_span(field.bytes, damage);
  }
  return false;
}

Kind kind_of(std::uint32_t number, Version version) {
  const bool is_known = number < kHistogramKinds.size() && (version == Version::v2 || number != kStartTimestamp);
  return is_known ? kHistogramKinds[number] : Kind::unknown;
}

}  // namespace

bool read_sample(std::string_view message, Version version, Sample& sample, Damage& damage) {
  if (read_common_sample(message, sample)) return true;
  sample = {};
  FieldReader reader(message, damage);
  for (Field field; reader.next(field);) {
    switch (field.key) {
      case key(1, WireType::fixed64): sample.value = std::bit_cast<double>(field.value); break;
      case key(2, WireType::varint): sample.timestamp_ms = static_cast<std::int64_t>(field.value); break;
      default:
        const bool is_start = field.number() == 3 && version == Version::v2;
        if (field.number() <= 2 || (is_start && field.type() != WireType::varint)) {
          return damage.note_wrong_type(field);
        }
        if (is_start) sample.start_timestamp_ms = static_cast<std::int64_t>(field.value);
    }
  }
  return !damage.is_found();
}

bool read_histogram(std::string_view message, Version version, Histogram& histogram, Damage& damage) {
  histogram = {.encoded = message};
  FieldReader reader(message, damage);
  for (Field field; reader.next(field);) {
    const Kind kind = kind_of(field.number(), version);
    if (!check(field, kind, damage)) return false;
    if (field.number() == kSum) histogram.sum = std::bit_cast<double>(field.value);
    if (field.number() == kTimestamp) histogram.timestamp_ms = static_cast<std::int64_t>(field.value);
    if (field.number() == kStartTimestamp && kind != Kind::unknown) {
      histogram.start_timestamp_ms = static_cast<std::int64_t>(field.value);
    }
  }
  return !damage.is_found();
}

}  // namespace promfleet::remote_write
