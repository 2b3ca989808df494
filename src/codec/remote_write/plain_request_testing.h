// The plain twin of the decoders: the same bodies read with protozero into values that own their strings, message by
// message and without a thought of speed.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <protozero/exception.hpp>
#include <protozero/pbf_reader.hpp>

#include "codec/remote_write/write_request.h"

namespace promfleet::remote_write::plain {

using Labels = std::vector<std::pair<std::string, std::string>>;

struct Exemplar {
  std::int64_t timestamp_ms = 0;
  std::uint64_t value_bits = 0;
  Labels labels;

  bool operator==(const Exemplar&) const = default;
};

struct Histogram {
  std::string encoded;
  std::int64_t timestamp_ms = 0;
  std::uint64_t sum_bits = 0;
  std::int64_t start_timestamp_ms = 0;

  bool operator==(const Histogram&) const = default;
};

struct Metadata {
  std::int32_t type = 0;
  std::string help;
  std::string unit;

  bool operator==(const Metadata&) const = default;
};

struct Series {
  Labels labels;
  std::vector<Sample> samples;
  std::vector<Histogram> histograms;
  std::vector<Exemplar> exemplars;
  Metadata metadata;

  bool operator==(const Series&) const = default;
};

struct Request {
  std::vector<Series> series;
  std::vector<std::pair<std::string, Metadata>> families;

  bool operator==(const Request&) const = default;
};

// What a request of ours says.
inline Labels copy(std::span<const Label> labels) {
  Labels copied;
  for (const Label& label : labels) copied.emplace_back(label.name, label.value);
  return copied;
}

inline Metadata copy(const remote_write::Metadata& metadata) {
  return {static_cast<std::int32_t>(metadata.type), std::string(metadata.help), std::string(metadata.unit)};
}

inline Request copy(const WriteRequest& request) {
  Request copied;
  for (const remote_write::Series& series : request.series()) {
    Series& to = copied.series.emplace_back();
    to.labels = copy(request.labels(series));
    to.samples.assign(request.samples(series).begin(), request.samples(series).end());
    for (const remote_write::Histogram& from : request.histograms(series)) {
      to.histograms.push_back(
          {std::string(from.encoded), from.timestamp_ms, bits_of(from.sum), from.start_timestamp_ms});
    }
    for (const remote_write::Exemplar& from : request.exemplars(series)) {
      to.exemplars.push_back({from.timestamp_ms, bits_of(from.value), copy(request.labels(from))});
    }
    to.metadata = copy(request.metadata(series));
  }
  for (const FamilyMetadata& family : request.families()) {
    copied.families.emplace_back(family.family, copy(family.metadata));
  }
  return copied;
}

// A histogram without the start timestamp, of which only 2.0 knows and whose place is the end.
inline std::string without_start(std::string_view encoded) {
  std::string kept;
  protozero::pbf_reader field(encoded.data(), encoded.size());
  for (const char* begin = encoded.data(); field.next(); begin = field.data().data()) {
    const bool is_start = field.tag() == 17;
    field.skip();
    if (!is_start) kept.append(begin, field.data().data());
  }
  return kept;
}

inline Request without_encoded_starts(Request request) {
  for (Series& series : request.series) {
    for (Histogram& histogram : series.histograms) histogram.encoded = without_start(histogram.encoded);
  }
  return request;
}

// Of what protozero does not object to by itself.
struct Damaged {};

class Reader {
 public:
  enum class Version { v1, v2 };

  explicit Reader(Version version) : version_(version) {}

  Request request(std::string_view body) {
    Request request;
    if (version_ == Version::v1) {
      each(body, [&](protozero::pbf_reader& field) {
        if (field.tag() == 1)
          request.series.push_back(series_v1(bytes(field)));
        else if (field.tag() == 3)
          request.families.push_back(family(bytes(field)));
        else
          field.skip();
      });
      return request;
    }
    each(body, [&](protozero::pbf_reader& field) {
      if (field.tag() == 4)
        symbols_.push_back(std::string(bytes(field)));
      else
        field.skip();
    });
    if (!symbols_.empty() && !symbols_[0].empty()) throw Damaged();
    each(body, [&](protozero::pbf_reader& field) {
      if (field.tag() == 5)
        request.series.push_back(series_v2(bytes(field)));
      else
        field.skip();
    });
    return request;
  }

 private:
  using Field = protozero::pbf_reader;
  using Type = protozero::pbf_wire_type;

  template <class Each>
  static void each(std::string_view message, Each each_field) {
    for (Field field(message.data(), message.size()); field.next();) each_field(field);
  }
  static void require(bool value) {
    if (!value) throw Damaged();
  }
  static std::string_view bytes(Field& field) {
    require(field.wire_type() == Type::length_delimited);
    const protozero::data_view view = field.get_view();
    return {view.data(), view.size()};
  }
  static std::uint64_t fixed64(Field& field) {
    require(field.wire_type() == Type::fixed64);
    return field.get_fixed64();
  }
  static std::uint64_t varint(Field& field) {
    require(field.wire_type() == Type::varint);
    return field.get_uint64();
  }
  static std::int64_t timestamp(Field& field) { return static_cast<std::int64_t>(varint(field)); }

  static std::vector<std::uint64_t> varints(Field& field) {
    if (field.wire_type() == Type::varint) return {field.get_uint64()};
    require(field.wire_type() == Type::length_delimited);
    const auto packed = field.get_packed_uint64();
    return {packed.begin(), packed.end()};
  }

  const std::string& symbol(std::uint64_t number) const {
    require(number < symbols_.size());
    return symbols_[number];
  }

  Labels labels_of(const std::vector<std::uint64_t>& references) const {
    require(references.size() % 2 == 0);
    Labels labels;
    for (std::size_t at = 0; at < references.size(); at += 2) {
      labels.emplace_back(symbol(references[at]), symbol(references[at + 1]));
    }
    return labels;
  }

  static std::pair<std::string, std::string> label(std::string_view message) {
    std::pair<std::string, std::string> label;
    each(message, [&](Field& field) {
      if (field.tag() == 1)
        label.first = bytes(field);
      else if (field.tag() == 2)
        label.second = bytes(field);
      else
        field.skip();
    });
    return label;
  }

  Sample sample(std::string_view message) const {
    Sample sample;
    each(message, [&](Field& field) {
      if (field.tag() == 1)
        sample.value = std::bit_cast<double>(fixed64(field));
      else if (field.tag() == 2)
        sample.timestamp_ms = timestamp(field);
      else if (field.tag() == 3 && version_ == Version::v2)
        sample.start_timestamp_ms = timestamp(field);
      else
        field.skip();
    });
    return sample;
  }

  static void check_span(std::string_view message) {
    each(message, [&](Field& field) {
      if (field.tag() <= 2)
        varint(field);
      else
        field.skip();
    });
  }

  static void check_fixed64s(Field& field) {
    if (field.wire_type() == Type::fixed64)
      field.skip();
    else
      require(bytes(field).size() % 8 == 0);
  }

  Histogram histogram(std::string_view message) const {
    Histogram histogram{.encoded = std::string(message)};
    each(message, [&](Field& field) {
      switch (field.tag()) {
        case 3: histogram.sum_bits = fixed64(field); break;
        case 15: histogram.timestamp_ms = timestamp(field); break;
        case 17:
          if (version_ == Version::v2)
            histogram.start_timestamp_ms = timestamp(field);
          else
            field.skip();
          break;
        case 1:
        case 4:
        case 6:
        case 14: varint(field); break;
        case 2:
        case 5:
        case 7: fixed64(field); break;
        case 8:
        case 11: check_span(bytes(field)); break;
        case 9:
        case 12: varints(field); break;
        case 10:
        case 13:
        case 16: check_fixed64s(field); break;
        default: field.skip();
      }
    });
    return histogram;
  }

  Exemplar exemplar(std::string_view message) const {
    Exemplar exemplar;
    std::vector<std::uint64_t> references;
    each(message, [&](Field& field) {
      if (field.tag() == 1 && version_ == Version::v1)
        exemplar.labels.push_back(label(bytes(field)));
      else if (field.tag() == 1)
        for (const std::uint64_t number : varints(field)) references.push_back(number);
      else if (field.tag() == 2)
        exemplar.value_bits = fixed64(field);
      else if (field.tag() == 3)
        exemplar.timestamp_ms = timestamp(field);
      else
        field.skip();
    });
    if (version_ == Version::v2) exemplar.labels = labels_of(references);
    return exemplar;
  }

  Series series_v1(std::string_view message) const {
    Series series;
    each(message, [&](Field& field) {
      switch (field.tag()) {
        case 1: series.labels.push_back(label(bytes(field))); break;
        case 2: series.samples.push_back(sample(bytes(field))); break;
        case 3: series.exemplars.push_back(exemplar(bytes(field))); break;
        case 4: series.histograms.push_back(histogram(bytes(field))); break;
        default: field.skip();
      }
    });
    return series;
  }

  Series series_v2(std::string_view message) const {
    Series series;
    std::vector<std::uint64_t> references;
    std::int64_t created_ms = 0;
    each(message, [&](Field& field) {
      switch (field.tag()) {
        case 1:
          for (const std::uint64_t number : varints(field)) references.push_back(number);
          break;
        case 2: series.samples.push_back(sample(bytes(field))); break;
        case 3: series.histograms.push_back(histogram(bytes(field))); break;
        case 4: series.exemplars.push_back(exemplar(bytes(field))); break;
        case 5: metadata_v2(bytes(field), series.metadata); break;
        case 6: created_ms = timestamp(field); break;
        default: field.skip();
      }
    });
    series.labels = labels_of(references);
    for (Sample& sample : series.samples) {
      if (sample.start_timestamp_ms == 0) sample.start_timestamp_ms = created_ms;
    }
    for (Histogram& histogram : series.histograms) {
      if (histogram.start_timestamp_ms == 0) histogram.start_timestamp_ms = created_ms;
    }
    return series;
  }

  void metadata_v2(std::string_view message, Metadata& metadata) const {
    each(message, [&](Field& field) {
      if (field.tag() == 1)
        metadata.type = static_cast<std::int32_t>(varint(field));
      else if (field.tag() == 3)
        metadata.help = symbol(varint(field));
      else if (field.tag() == 4)
        metadata.unit = symbol(varint(field));
      else
        field.skip();
    });
  }

  static std::pair<std::string, Metadata> family(std::string_view message) {
    std::pair<std::string, Metadata> family;
    each(message, [&](Field& field) {
      switch (field.tag()) {
        case 1: family.second.type = static_cast<std::int32_t>(varint(field)); break;
        case 2: family.first = bytes(field); break;
        case 4: family.second.help = bytes(field); break;
        case 5: family.second.unit = bytes(field); break;
        default: field.skip();
      }
    });
    return family;
  }

  Version version_;
  std::vector<std::string> symbols_;
};

// Nothing if the body is damaged.
inline std::optional<Request> decode(std::string_view body, Reader::Version version) {
  try {
    return Reader(version).request(body);
  } catch (const Damaged&) {
    return std::nullopt;
  } catch (const protozero::exception&) {
    return std::nullopt;
  }
}

}  // namespace promfleet::remote_write::plain
