#include "codec/remote_write/encode.h"
#include "codec/remote_write/measurements.h"
#include "codec/remote_write/wire_writer.h"

namespace promfleet::remote_write {
namespace {

struct LabelMessage {
  const Label& label;
};
struct ExemplarMessage {
  const WriteRequest& request;
  const Exemplar& exemplar;
};
struct SeriesMessage {
  const WriteRequest& request;
  const Series& series;
};
struct FamilyMessage {
  const FamilyMetadata& family;
};
struct RequestMessage {
  const WriteRequest& request;
};

template <class Sink>
void give_fields(const LabelMessage& message, Sink& sink) {
  sink.string(1, message.label.name);
  sink.string(2, message.label.value);
}

template <class Sink>
void give_fields(const ExemplarMessage& message, Sink& sink) {
  for (const Label& label : message.request.labels(message.exemplar)) sink.message(1, LabelMessage{label});
  sink.fixed64(2, bits_of(message.exemplar.value));
  sink.varint(3, static_cast<std::uint64_t>(message.exemplar.timestamp_ms));
}

template <class Sink>
void give_fields(const SeriesMessage& message, Sink& sink) {
  const WriteRequest& request = message.request;
  const Series& series = message.series;
  for (const Label& label : request.labels(series)) sink.message(1, LabelMessage{label});
  for (const Sample& sample : request.samples(series)) sink.message(2, SampleMessage{sample, Version::v1});
  for (const Exemplar& exemplar : request.exemplars(series)) sink.message(3, ExemplarMessage{request, exemplar});
  for (const Histogram& histogram : request.histograms(series)) {
    sink.message(4, HistogramMessage{histogram, Version::v1});
  }
}

template <class Sink>
void give_fields(const FamilyMessage& message, Sink& sink) {
  const FamilyMetadata& family = message.family;
  sink.varint(1, enum_varint(family.metadata.type));
  sink.string(2, family.family);
  sink.string(4, family.metadata.help);
  sink.string(5, family.metadata.unit);
}

template <class Sink>
void give_fields(const RequestMessage& message, Sink& sink) {
  const WriteRequest& request = message.request;
  for (const Series& series : request.series()) sink.message(1, SeriesMessage{request, series});
  for (const FamilyMetadata& family : request.families()) sink.message(3, FamilyMessage{family});
}

}  // namespace

Result<void> encode_v1(const WriteRequest& request, std::string& out, EncodeLimits limits) {
  return write_message(RequestMessage{request}, limits.bytes_max, out);
}

}  // namespace promfleet::remote_write
