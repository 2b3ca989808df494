// Samples and histograms, whose messages are the same in both versions, but for the start timestamps of 2.0. To 1.0
// those fields are unknown: they are skipped, and not written.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

#include "codec/remote_write/wire.h"
#include "codec/remote_write/wire_writer.h"
#include "codec/remote_write/write_request.h"
#include "core/base/assert.h"

namespace promfleet::remote_write {

enum class Version : std::uint8_t { v1, v2 };

// Each returns false if the message is damaged; `damage` says how.
bool read_sample(std::string_view message, Version version, Sample& sample, Damage& damage);

// Checks every field, those of spans and buckets too, so that a receiver finds nothing damaged in what is passed on.
bool read_histogram(std::string_view message, Version version, Histogram& histogram, Damage& damage);

struct SampleMessage {
  const Sample& sample;
  Version version;
};

template <class Sink>
void give_fields(const SampleMessage& message, Sink& sink) {
  const Sample& sample = message.sample;
  sink.fixed64(1, bits_of(sample.value));
  sink.varint(2, static_cast<std::uint64_t>(sample.timestamp_ms));
  if (message.version == Version::v2) sink.varint(3, static_cast<std::uint64_t>(sample.start_timestamp_ms));
}

struct HistogramMessage {
  const Histogram& histogram;
  Version version;
};

// As it came, but for the start timestamp, which is the last field.
template <class Sink>
void give_fields(const HistogramMessage& message, Sink& sink) {
  constexpr std::uint32_t kStartTimestamp = 17;
  Damage damage;
  FieldReader reader(message.histogram.encoded, damage);
  for (Field field; reader.next(field);) {
    if (field.number() != kStartTimestamp) sink.encoded({field.at, reader.at()});
  }
  ASSERT(!damage.is_found());
  if (message.version == Version::v2) {
    sink.varint(kStartTimestamp, static_cast<std::uint64_t>(message.histogram.start_timestamp_ms));
  }
}

}  // namespace promfleet::remote_write
