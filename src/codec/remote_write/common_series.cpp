#include "codec/remote_write/common_series.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace promfleet::remote_write {
namespace {

static_assert(std::endian::native == std::endian::little);

// Room is made for the series of so many bytes at a time, so that none is looked for in between.
constexpr std::ptrdiff_t kWindowBytes = 16 * 1024;
// The shortest of each.
constexpr std::ptrdiff_t kLabelBytesMin = 6;
constexpr std::ptrdiff_t kSeriesBytesMin = 2 + 9;  // of a sample alone
// Labels are looked at before it is known that they are whole: so far behind the end of their series.
constexpr std::ptrdiff_t kOverrunBytes = 4 + 255 + 2;

std::size_t byte_at(const char* at) {
  return static_cast<unsigned char>(*at);
}

// The six bytes of the varint are the upper ones of `bytes`. False if they are not exactly one.
bool read_timestamp(std::uint64_t bytes, std::int64_t& timestamp_ms) {
  constexpr std::uint64_t kGoesOn = 0x8080'8080'8080'0000;
  constexpr std::uint64_t kGoesOnBeforeLast = 0x0080'8080'8080'0000;
  if ((bytes & kGoesOn) != kGoesOnBeforeLast) return false;
  const auto digit = [bytes](int number) { return (bytes >> (8 * (number + 2)) & 0x7f) << (7 * number); };
  timestamp_ms = static_cast<std::int64_t>(digit(0) | digit(1) | digit(2) | digit(3) | digit(4) | digit(5));
  return true;
}

//   09 value (8)  10 timestamp (6)
//                 10 timestamp (6)
inline bool read_sample(const char* at, std::size_t size, Sample& sample) {
  std::uint64_t bytes = 0;
  if (size == 16 && at[0] == 0x09 && at[9] == 0x10) {
    sample = {};
    std::memcpy(&sample.value, at + 1, sizeof sample.value);
    std::memcpy(&bytes, at + 8, sizeof bytes);
    return read_timestamp(bytes, sample.timestamp_ms);
  }
  if (size == 7 && at[0] == 0x10) {
    sample = {};
    std::memcpy(&bytes, at, size);
    return read_timestamp(bytes << 8, sample.timestamp_ms);
  }
  return false;
}

// Writes the labels from `at` on to `label`, which goes on behind the last one. Returns where something else begins, or
// somewhere behind `end`: a label may reach beyond it.
//
//   0a SIZE  0a SIZE name...  12 SIZE value...
inline const char* read_labels(const char* at, const char* end, Label*& label) {
  while (at < end) {
    const std::size_t size = byte_at(at + 1);
    if (at[0] != 0x0a || size > 127 || at[2] != 0x0a) break;
    const std::size_t name_size = byte_at(at + 3);
    const char* value = at + 4 + name_size;
    const std::size_t value_size = byte_at(value + 1);
    const char* next = at + 2 + size;
    // Then both sizes are of one byte, too: together they are less than `size`.
    if (value[0] != 0x12 || value + 2 + value_size != next) break;
    *label++ = {{at + 4, name_size}, {value + 2, value_size}};
    at = next;
  }
  return at;
}

// The length of a series that is no longer than a window, and then its fields. More than two bytes make it longer.
inline const char* read_size(const char* at, std::size_t& size) {
  static_assert(kWindowBytes <= 1 << 14);
  size = byte_at(at);
  if (size < 128) return at + 1;
  size = (size & 0x7f) | byte_at(at + 1) << 7;
  return at + 2;
}

// Reads the series between `at` and `end`, and returns where the first one begins that is not of the shape.
//
//   0a SIZE  labels...  12 SIZE sample
const char* read_window(const char* at, const char* end, Columns& columns) {
  // One label more than fit: the last may begin before `end` and reach beyond it.
  Label* const labels = columns.labels.room((end - at) / kLabelBytesMin + 1);
  Sample* const samples = columns.samples.room((end - at) / kSeriesBytesMin);
  Range next_labels{.begin = static_cast<std::uint32_t>(columns.labels.size())};
  Range next_sample{.begin = static_cast<std::uint32_t>(columns.samples.size()), .count = 1};
  Label* label = labels;
  Sample* sample = samples;
  Series* series = columns.series.room((end - at) / kSeriesBytesMin);
  while (end - at >= kSeriesBytesMin && at[0] == 0x0a) {
    std::size_t size = 0;
    const char* fields = read_size(at + 1, size);
    if (size > static_cast<std::size_t>(end - fields)) break;
    Label* label_end = label;
    const char* sample_field = read_labels(fields, fields + size, label_end);
    const std::size_t sample_size = byte_at(sample_field + 1);
    if (sample_field[0] != 0x12 || sample_field + 2 + sample_size != fields + size) break;
    if (!read_sample(sample_field + 2, sample_size, *sample)) break;
    next_labels.count = static_cast<std::uint32_t>(label_end - label);
    *series++ = {.labels = next_labels, .samples = next_sample};
    next_labels.begin += next_labels.count;
    ++next_sample.begin;
    label = label_end;
    ++sample;
    at = fields + size;
  }
  columns.labels.commit(label);
  columns.samples.commit(sample);
  columns.series.commit(series);
  return at;
}

}  // namespace

const char* read_common_series(const char* at, const char* end, Columns& columns) {
  while (end - at > kOverrunBytes) {
    const char* window_end = at + std::min(end - at - kOverrunBytes, kWindowBytes);
    const char* next = read_window(at, window_end, columns);
    if (next == at) break;
    at = next;
  }
  return at;
}

bool read_common_sample(std::string_view message, Sample& sample) {
  return read_sample(message.data(), message.size(), sample);
}

}  // namespace promfleet::remote_write
