#include "remote_write/fence/rules.h"

#include <bit>

#include "codec/remote_write/wire.h"
#include "core/base/assert.h"

namespace promfleet::remote_write {
namespace {

constexpr std::uint32_t kCountOfIntegers = 1;
constexpr std::uint32_t kCountOfFloats = 2;
constexpr std::uint32_t kResetHint = 14;
constexpr std::uint64_t kGauge = 3;

double count_of(const Histogram& histogram) {
  double count = 0;
  Damage damage;
  FieldReader reader(histogram.encoded, damage);
  for (Field field; reader.next(field);) {
    if (field.number() == kCountOfIntegers) count = static_cast<double>(field.value);
    if (field.number() == kCountOfFloats) count = std::bit_cast<double>(field.value);
    if (field.number() == kResetHint && field.value == kGauge) return std::numeric_limits<double>::quiet_NaN();
  }
  ASSERT(!damage.is_found());
  return count;
}

}  // namespace

Measured Measured::of(const Sample& sample) {
  return {sample.timestamp_ms, sample.value, ValueKind::number, sample.is_stale_marker()};
}

Measured Measured::of(const Histogram& histogram) {
  return {histogram.timestamp_ms, count_of(histogram), ValueKind::histogram, histogram.is_stale_marker()};
}

bool is_counter(MetricType type, std::string_view name) {
  switch (type) {
    case MetricType::counter: return true;
    case MetricType::gauge:
    case MetricType::gauge_histogram:
    case MetricType::info:
    case MetricType::state_set: return false;
    case MetricType::unknown:
    case MetricType::histogram:
    case MetricType::summary: break;
  }
  return name.ends_with("_total") || name.ends_with("_count") || name.ends_with("_sum") || name.ends_with("_bucket");
}

}  // namespace promfleet::remote_write
