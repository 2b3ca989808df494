#include "codec/remote_write/decoder_v2.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <protozero/pbf_writer.hpp>

#include "codec/remote_write/decode.h"

namespace promfleet::remote_write {
namespace {

using protozero::pbf_writer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

template <class Write>
std::string message(Write write) {
  std::string bytes;
  pbf_writer to(bytes);
  write(to);
  return bytes;
}

constexpr std::array kSymbols = {"", "__name__", "up", "job", "node", "Whether it answers.", "answers"};

std::string symbols() {
  return message([](pbf_writer& to) {
    for (const char* symbol : kSymbols) to.add_string(4, symbol);
  });
}

template <class Write>
std::string series(Write write) {
  return message([&](pbf_writer& to) { to.add_message(5, message(write)); });
}

void add_references(pbf_writer& to, std::vector<std::uint32_t> references) {
  to.add_packed_uint32(1, references.begin(), references.end());
}

// A request and the body that its strings are views into.
struct Decoded : WriteRequest {
  explicit Decoded(std::string bytes) : body(std::move(bytes)) {
    const Result<void> done = decode_v2(body, *this);
    EXPECT_TRUE(done.has_value()) << (done ? "" : done.error().message());
  }

  const std::string body;
};

std::string refusal(std::string_view body) {
  WriteRequest request;
  const Result<void> done = decode_v2(body, request);
  EXPECT_FALSE(done.has_value());
  EXPECT_THAT(request.series(), IsEmpty());
  return done ? "" : to_string(done.error());
}

TEST(RemoteWriteDecoderV2, ReadsLabelsThroughTheTableOfSymbols) {
  const std::string body = symbols() + series([](pbf_writer& to) { add_references(to, {1, 2, 3, 4}); }) +
                           series([](pbf_writer& to) { add_references(to, {3, 0}); });
  const Decoded request(body);
  ASSERT_EQ(request.series().size(), 2);
  EXPECT_THAT(request.labels(request.series()[0]), ElementsAre(Label{"__name__", "up"}, Label{"job", "node"}));
  EXPECT_THAT(request.labels(request.series()[1]), ElementsAre(Label{"job", ""}));
}

TEST(RemoteWriteDecoderV2, SymbolsMayStandBehindTheSeries) {
  const std::string body = series([](pbf_writer& to) { add_references(to, {1, 2}); }) + symbols();
  const Decoded request(body);
  EXPECT_THAT(request.labels(request.series()[0]), ElementsAre(Label{"__name__", "up"}));
}

TEST(RemoteWriteDecoderV2, ReferencesMayBePackedOrNotAndComeInSeveralFields) {
  const std::string body = symbols() + series([](pbf_writer& to) {
                             add_references(to, {1});
                             to.add_uint32(1, 2);
                             to.add_string(2, "");
                             add_references(to, {3, 4, 3});
                             to.add_uint32(1, 0);
                           });
  const Decoded request(body);
  EXPECT_THAT(request.labels(request.series()[0]),
              ElementsAre(Label{"__name__", "up"}, Label{"job", "node"}, Label{"job", ""}));
  EXPECT_EQ(request.samples().size(), 1);
}

TEST(RemoteWriteDecoderV2, ReferenceToNothingIsDamage) {
  for (const std::uint64_t reference : {std::uint64_t{7}, std::uint64_t{0xffff'ffff}, std::uint64_t{0x1'0000'0001}}) {
    EXPECT_THAT(refusal(symbols() + series([&](pbf_writer& to) {
                          to.add_uint64(1, 1);
                          to.add_uint64(1, reference);
                        })),
                HasSubstr("a label refers to a symbol that is not there"));
    EXPECT_THAT(refusal(symbols() + series([&](pbf_writer& to) {
                          to.add_message(5, message([&](pbf_writer& metadata) { metadata.add_uint64(3, reference); }));
                        })),
                HasSubstr("metadata refers to a symbol that is not there"));
  }
  EXPECT_THAT(refusal(series([](pbf_writer& to) { add_references(to, {0, 0}); })), HasSubstr("that is not there"));
}

TEST(RemoteWriteDecoderV2, NameWithoutValueIsDamage) {
  EXPECT_THAT(refusal(symbols() + series([](pbf_writer& to) { add_references(to, {1, 2, 3}); })),
              HasSubstr("a label has a name and no value"));
  EXPECT_THAT(refusal(symbols() + series([](pbf_writer& to) {
                        to.add_message(4, message([](pbf_writer& exemplar) { add_references(exemplar, {1}); }));
                      })),
              HasSubstr("a label has a name and no value"));
}

TEST(RemoteWriteDecoderV2, FirstSymbolIsTheEmptyOne) {
  EXPECT_EQ(refusal(message([](pbf_writer& to) { to.add_string(4, "up"); })),
            "invalid_input: offset 0: the first symbol is not the empty one");
}

TEST(RemoteWriteDecoderV2, EmptyBodyIsAnEmptyRequest) {
  EXPECT_THAT(Decoded("").series(), IsEmpty());
}

TEST(RemoteWriteDecoderV2, BodyOfVersion1HasNothingToRead) {
  EXPECT_THAT(Decoded(message([](pbf_writer& to) {
                to.add_message(1, message([](pbf_writer& fields) { fields.add_string(2, ""); }));
              })).series(),
              IsEmpty());
}

TEST(RemoteWriteDecoderV2, StartTimestampIsOfTheSample) {
  const std::string body = symbols() + series([](pbf_writer& to) {
                             to.add_message(2, message([](pbf_writer& sample) {
                                              sample.add_double(1, 2.5);
                                              sample.add_int64(2, 2000);
                                              sample.add_int64(3, 1000);
                                            }));
                             to.add_message(3, message([](pbf_writer& histogram) {
                                              histogram.add_int64(15, 2000);
                                              histogram.add_int64(17, 1500);
                                            }));
                           });
  const Decoded request(body);
  EXPECT_THAT(request.samples(), ElementsAre(Sample{2000, 2.5, 1000}));
  EXPECT_EQ(request.histograms()[0].timestamp_ms, 2000);
  EXPECT_EQ(request.histograms()[0].start_timestamp_ms, 1500);
}

TEST(RemoteWriteDecoderV2, CreatedTimestampOfTheSeriesIsThatOfWhatHasNoneOfItsOwn) {
  const auto add_measurements = [](pbf_writer& to) {
    to.add_message(2, message([](pbf_writer& sample) { sample.add_int64(2, 2000); }));
    to.add_message(2, message([](pbf_writer& sample) { sample.add_int64(3, 1800); }));
    to.add_message(3, message([](pbf_writer& histogram) { histogram.add_int64(15, 2000); }));
    to.add_message(3, message([](pbf_writer& histogram) { histogram.add_int64(17, 1900); }));
  };
  const std::string before = symbols() + series([&](pbf_writer& to) {
                               to.add_int64(6, 1000);
                               add_measurements(to);
                             });
  const std::string behind = symbols() + series(add_measurements) + series([&](pbf_writer& to) {
                               add_measurements(to);
                               to.add_int64(6, 1000);
                             });
  const Decoded first(before);
  EXPECT_THAT(first.samples(), ElementsAre(Sample{2000, 0, 1000}, Sample{0, 0, 1800}));
  EXPECT_EQ(first.histograms()[0].start_timestamp_ms, 1000);
  EXPECT_EQ(first.histograms()[1].start_timestamp_ms, 1900);
  const Decoded second(behind);
  EXPECT_THAT(second.samples(),
              ElementsAre(Sample{2000}, Sample{0, 0, 1800}, Sample{2000, 0, 1000}, Sample{0, 0, 1800}));
  EXPECT_EQ(second.histograms()[0].start_timestamp_ms, 0);
  EXPECT_EQ(second.histograms()[2].start_timestamp_ms, 1000);
}

TEST(RemoteWriteDecoderV2, MetadataIsOfTheSeries) {
  const std::string body = symbols() + series([](pbf_writer& to) {
                             to.add_message(5, message([](pbf_writer& metadata) {
                                              metadata.add_enum(1, 2);
                                              metadata.add_uint32(3, 5);
                                              metadata.add_uint32(4, 6);
                                            }));
                           }) +
                           series([](pbf_writer& to) { to.add_string(5, ""); }) + series([](pbf_writer& to) {
                             to.add_message(5, message([](pbf_writer& metadata) { metadata.add_uint32(3, 5); }));
                             to.add_message(5, message([](pbf_writer& metadata) { metadata.add_uint32(4, 6); }));
                           });
  const Decoded request(body);
  EXPECT_EQ(request.metadata(request.series()[0]), (Metadata{MetricType::gauge, "Whether it answers.", "answers"}));
  EXPECT_EQ(request.metadata(request.series()[1]), Metadata());
  EXPECT_EQ(request.metadata(request.series()[2]), (Metadata{MetricType::unknown, "Whether it answers.", "answers"}));
}

TEST(RemoteWriteDecoderV2, ExemplarsReferToSymbols) {
  const std::string body = symbols() + series([](pbf_writer& to) {
                             to.add_message(4, message([](pbf_writer& exemplar) {
                                              add_references(exemplar, {3, 4});
                                              exemplar.add_double(2, 0.5);
                                              exemplar.add_int64(3, 2000);
                                            }));
                             add_references(to, {1, 2});
                           });
  const Decoded request(body);
  const Exemplar& exemplar = request.exemplars(request.series()[0])[0];
  EXPECT_THAT(request.labels(exemplar), ElementsAre(Label{"job", "node"}));
  EXPECT_EQ(exemplar.value, 0.5);
  EXPECT_EQ(exemplar.timestamp_ms, 2000);
  EXPECT_THAT(request.labels(request.series()[0]), ElementsAre(Label{"__name__", "up"}));
}

TEST(RemoteWriteDecoderV2, DamageIsNamedWithItsOffset) {
  ASSERT_EQ(symbols().size(), 57);
  EXPECT_EQ(refusal(symbols() + "\x2a\x05\x0a\x01\x01\x12\x03"),
            "invalid_input: offset 62: a length goes beyond its message");
}

TEST(RemoteWriteDecoderV2, WrongWireTypesAreDamage) {
  for (const std::string_view fields : {"\x15"
                                        "1234",
                                        "\x10\x01", "\x18\x01", "\x20\x01", "\x28\x01", "\x32\x01x"}) {
    EXPECT_THAT(refusal(symbols() + message([&](pbf_writer& to) { to.add_message(5, std::string(fields)); })),
                HasSubstr("a field has a wire type that is not its own"))
        << testing::PrintToString(fields);
  }
}

}  // namespace
}  // namespace promfleet::remote_write
