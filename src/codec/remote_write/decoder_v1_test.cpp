#include "codec/remote_write/decoder_v1.h"

#include <bit>
#include <cmath>

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

// A message, given what writes its fields.
template <class Write>
std::string message(Write write) {
  std::string bytes;
  pbf_writer to(bytes);
  write(to);
  return bytes;
}

std::string label(std::string_view name, std::string_view value) {
  return message([&](pbf_writer& to) {
    to.add_string(1, name.data(), name.size());
    to.add_string(2, value.data(), value.size());
  });
}

std::string sample(double value, std::int64_t timestamp_ms) {
  return message([&](pbf_writer& to) {
    to.add_double(1, value);
    to.add_int64(2, timestamp_ms);
  });
}

// A request of one series. What follows it is unknown, and so long that the series is read as usual ones are.
template <class Write>
std::string request_of_series(Write write) {
  return message([&](pbf_writer& to) {
    to.add_message(1, message(write));
    to.add_string(9, std::string(400, 'x'));
  });
}

// A request and the body that its strings are views into.
struct Decoded : WriteRequest {
  explicit Decoded(std::string bytes) : body(std::move(bytes)) {
    const Result<void> done = decode_v1(body, *this);
    EXPECT_TRUE(done.has_value()) << (done ? "" : done.error().message());
  }

  const std::string body;
};

std::string refusal(std::string_view body) {
  WriteRequest request;
  const Result<void> done = decode_v1(body, request);
  EXPECT_FALSE(done.has_value());
  EXPECT_THAT(request.series(), IsEmpty());
  return done ? "" : to_string(done.error());
}

constexpr std::int64_t kNow = 1'795'180'839'552;

TEST(RemoteWriteDecoderV1, ReadsLabelsAndSamplesOfSeries) {
  const std::string body = message([](pbf_writer& to) {
    for (const char* job : {"node", "cadvisor"}) {
      to.add_message(1, message([&](pbf_writer& series) {
                       series.add_message(1, label("__name__", "up"));
                       series.add_message(1, label("job", job));
                       series.add_message(2, sample(1, kNow));
                       series.add_message(2, sample(0.5, kNow + 15'000));
                     }));
    }
  });
  const Decoded request(body);
  ASSERT_EQ(request.series().size(), 2);
  EXPECT_THAT(request.labels(request.series()[0]), ElementsAre(Label{"__name__", "up"}, Label{"job", "node"}));
  EXPECT_THAT(request.labels(request.series()[1]), ElementsAre(Label{"__name__", "up"}, Label{"job", "cadvisor"}));
  for (const Series& series : request.series()) {
    EXPECT_THAT(request.samples(series), ElementsAre(Sample{kNow, 1}, Sample{kNow + 15'000, 0.5}));
  }
  EXPECT_EQ(request.samples().size(), 4);
}

TEST(RemoteWriteDecoderV1, StringsAreViewsIntoTheBody) {
  const Decoded request(request_of_series([](pbf_writer& to) { to.add_message(1, label("job", "node")); }));
  const Label& only = request.labels(request.series()[0])[0];
  EXPECT_EQ(only.name.data(), request.body.data() + request.body.find("job"));
  EXPECT_EQ(only.value.data(), request.body.data() + request.body.find("node"));
}

TEST(RemoteWriteDecoderV1, ValuesKeepEveryBit) {
  for (const std::uint64_t bits : {kStaleMarkerBits, std::uint64_t{0x7ff8'0000'0000'0001}, 0xfff4'0000'dead'beef,
                                   std::uint64_t{0x7ff0'0000'0000'0000}, 0x8000'0000'0000'0000, std::uint64_t{1}}) {
    // A usual sample, and one whose timestamp is not.
    for (const std::int64_t timestamp_ms : {kNow, std::int64_t{-1}}) {
      const Decoded request(request_of_series(
          [&](pbf_writer& to) { to.add_message(2, sample(std::bit_cast<double>(bits), timestamp_ms)); }));
      ASSERT_EQ(request.samples().size(), 1);
      EXPECT_EQ(bits_of(request.samples()[0].value), bits);
      EXPECT_EQ(request.samples()[0].timestamp_ms, timestamp_ms);
      EXPECT_EQ(request.samples()[0].is_stale_marker(), bits == kStaleMarkerBits);
    }
  }
}

TEST(RemoteWriteDecoderV1, EveryTimestampIsRead) {
  for (int shift = 0; shift < 63; ++shift) {
    for (const std::int64_t near : {-1, 0, 1}) {
      for (const double value : {0.0, 1.5}) {
        const std::int64_t timestamp_ms = (std::int64_t{1} << shift) + near;
        const Decoded request(request_of_series([&](pbf_writer& to) {
          to.add_message(2, message([&](pbf_writer& fields) {
                           if (value != 0) fields.add_double(1, value);
                           fields.add_int64(2, timestamp_ms);
                         }));
        }));
        EXPECT_THAT(request.samples(), ElementsAre(Sample{timestamp_ms, value}));
      }
    }
  }
}

TEST(RemoteWriteDecoderV1, LabelsOfEveryLengthAreRead) {
  for (std::size_t name_size = 0; name_size < 140; ++name_size) {
    for (const std::size_t value_size : {0, 1, 2, 60, 122, 123, 124, 127, 128, 129, 300}) {
      const std::string name(name_size, 'n');
      const std::string value(value_size, 'v');
      const Decoded request(request_of_series([&](pbf_writer& to) {
        to.add_message(1, label(name, value));
        to.add_message(2, sample(1, kNow));
      }));
      ASSERT_THAT(request.labels(request.series()[0]), ElementsAre(Label{name, value}));
    }
  }
}

TEST(RemoteWriteDecoderV1, HistogramStaysAsItCame) {
  const std::string histogram = message([](pbf_writer& to) {
    to.add_double(3, 12.5);
    to.add_uint64(1, 7);
    to.add_int64(15, kNow);
    to.add_string(99, "unknown");
  });
  const Decoded request(request_of_series([&](pbf_writer& to) {
    to.add_message(4, histogram);
    to.add_message(1, label("job", "node"));
    to.add_message(4,
                   message([](pbf_writer& fields) { fields.add_double(3, std::bit_cast<double>(kStaleMarkerBits)); }));
  }));
  const auto histograms = request.histograms(request.series()[0]);
  ASSERT_EQ(histograms.size(), 2);
  EXPECT_EQ(histograms[0].encoded, histogram);
  EXPECT_EQ(histograms[0].timestamp_ms, kNow);
  EXPECT_EQ(histograms[0].sum, 12.5);
  EXPECT_FALSE(histograms[0].is_stale_marker());
  EXPECT_TRUE(histograms[1].is_stale_marker());
}

TEST(RemoteWriteDecoderV1, StartTimestampsAreOfNoMeaning) {
  const Decoded request(request_of_series([&](pbf_writer& to) {
    to.add_message(2, message([](pbf_writer& fields) { fields.add_int64(3, kNow); }));
    to.add_message(4, message([](pbf_writer& fields) { fields.add_int64(17, kNow); }));
    to.add_message(2, message([](pbf_writer& fields) { fields.add_string(3, "neither is their type"); }));
  }));
  EXPECT_THAT(request.samples(), ElementsAre(Sample{}, Sample{}));
  EXPECT_EQ(request.histograms()[0].start_timestamp_ms, 0);
}

TEST(RemoteWriteDecoderV1, ExemplarsHaveLabelsOfTheirOwn) {
  const Decoded request(request_of_series([&](pbf_writer& to) {
    to.add_message(1, label("job", "node"));
    to.add_message(3, message([](pbf_writer& fields) {
                     fields.add_message(1, label("trace_id", "abc"));
                     fields.add_double(2, 0.25);
                     fields.add_int64(3, kNow);
                   }));
    to.add_message(1, label("zone", "a"));
  }));
  const Series& series = request.series()[0];
  EXPECT_THAT(request.labels(series), ElementsAre(Label{"job", "node"}, Label{"zone", "a"}));
  ASSERT_EQ(request.exemplars(series).size(), 1);
  const Exemplar& exemplar = request.exemplars(series)[0];
  EXPECT_THAT(request.labels(exemplar), ElementsAre(Label{"trace_id", "abc"}));
  EXPECT_EQ(exemplar.value, 0.25);
  EXPECT_EQ(exemplar.timestamp_ms, kNow);
}

TEST(RemoteWriteDecoderV1, MetadataIsOfFamilies) {
  const Decoded request(message([](pbf_writer& to) {
    to.add_message(3, message([](pbf_writer& fields) {
                     fields.add_enum(1, 2);
                     fields.add_string(2, "go_goroutines");
                     fields.add_string(4, "Number of goroutines.");
                     fields.add_string(5, "goroutines");
                   }));
    to.add_message(3, message([](pbf_writer& fields) { fields.add_enum(1, -5); }));
  }));
  EXPECT_THAT(request.families(),
              ElementsAre(FamilyMetadata{"go_goroutines", {MetricType::gauge, "Number of goroutines.", "goroutines"}},
                          FamilyMetadata{"", {static_cast<MetricType>(-5), "", ""}}));
}

TEST(RemoteWriteDecoderV1, LastOfAFieldThatComesTwiceCounts) {
  const Decoded request(request_of_series([&](pbf_writer& to) {
    to.add_message(1, label("old", "old") + label("job", "node"));
    to.add_message(2, sample(1, 1) + sample(2, kNow));
  }));
  EXPECT_THAT(request.labels(request.series()[0]), ElementsAre(Label{"job", "node"}));
  EXPECT_THAT(request.samples(), ElementsAre(Sample{kNow, 2}));
}

TEST(RemoteWriteDecoderV1, EmptyBodyIsAnEmptyRequest) {
  const Decoded request("");
  EXPECT_THAT(request.series(), IsEmpty());
  EXPECT_THAT(request.families(), IsEmpty());
}

TEST(RemoteWriteDecoderV1, DamageIsNamedWithItsOffset) {
  const std::string usual = message([](pbf_writer& to) {
    to.add_message(1, message([](pbf_writer& series) { series.add_message(1, label("job", "node")); }));
  });
  ASSERT_EQ(usual.size(), 15);
  EXPECT_EQ(refusal(usual + "\x0a\x05"
                            "abc"),
            "invalid_input: offset 15: a length goes beyond its message");
  EXPECT_EQ(refusal(usual + "\x0a\x02\x12\x05"), "invalid_input: offset 17: a length goes beyond its message");
  EXPECT_EQ(refusal(usual + "\x0a"), "invalid_input: offset 15: a length has no end");
  EXPECT_EQ(refusal(usual + "\x8a"), "invalid_input: offset 15: the key of a field has no end");
  EXPECT_EQ(refusal(usual + "\x10\xff"), "invalid_input: offset 15: a number has no end");
  EXPECT_EQ(refusal(usual + "\x11 7 byte"), "invalid_input: offset 15: a number is cut off");
  EXPECT_EQ(refusal(usual + "\x15"
                            "123"),
            "invalid_input: offset 15: a number is cut off");
  EXPECT_EQ(refusal(usual + std::string("\x02\x00", 2)), "invalid_input: offset 15: a field has an impossible number");
  EXPECT_EQ(refusal(usual + "\x8a\x80\x80\x80\x10\x01"), "invalid_input: offset 15: a field has an impossible number");
  EXPECT_EQ(refusal(usual + "\x13\x14"), "invalid_input: offset 15: a field has a wire type that proto3 has not");
  EXPECT_EQ(refusal(usual + "\x08\x01"), "invalid_input: offset 15: a field has a wire type that is not its own");
}

TEST(RemoteWriteDecoderV1, VarintOfMoreThanTenBytesIsDamage) {
  const std::string nine(9, '\xff');
  EXPECT_EQ(Decoded(request_of_series([&](pbf_writer& to) { to.add_message(2, "\x10" + nine + "\x01"); })).samples()[0],
            Sample{-1});
  EXPECT_THAT(refusal(request_of_series([&](pbf_writer& to) { to.add_message(2, "\x10" + nine + "\x81\x01"); })),
              HasSubstr("a number has no end"));
}

TEST(RemoteWriteDecoderV1, DamageInsideAHistogramIsFound) {
  const auto refused = [](std::string_view histogram) {
    return refusal(request_of_series([&](pbf_writer& to) { to.add_message(4, std::string(histogram)); }));
  };
  EXPECT_THAT(refused("\x42\x02\x08\xff"), HasSubstr("a number has no end"));  // in a span
  EXPECT_THAT(refused("\x42\x03\x0a\x01x"), HasSubstr("wire type that is not its own"));
  EXPECT_THAT(refused("\x42\x03\x12\x01x"), HasSubstr("wire type that is not its own"));  // in a span
  EXPECT_THAT(refused("\x4a\x02\x01\xff"), HasSubstr("a packed number has no end"));      // deltas
  EXPECT_THAT(refused("\x4d"
                      "1234"),
              HasSubstr("wire type that is not its own"));                           // deltas
  EXPECT_THAT(refused("\x52\x07 7 byte"), HasSubstr("a packed number is cut off"));  // counts
  EXPECT_THAT(refused("\x1a\x01x"), HasSubstr("wire type that is not its own"));     // sum
  EXPECT_THAT(refused("\x0a\x01x"), HasSubstr("wire type that is not its own"));     // count
}

TEST(RemoteWriteDecoderV1, BodyOfMoreThanAGibibyteIsRefused) {
  const std::string start = "x";
  WriteRequest request;
  const Result<void> refused = decode_v1({start.data(), (std::size_t{1} << 30) + 1}, request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), Errc::limit_exceeded);
}

}  // namespace
}  // namespace promfleet::remote_write
