// Decodes remote write requests, tells what they say, and encodes them again.
//
//   remote_write_codec 1 2     reads requests of version 1, writes them as version 2
//
// A JSON line each, as tests/peers/remote-write-codec has them: {"block":"..."} becomes
// {"account":{...},"body":"...","block":"..."}, where a block is compressed with snappy and a body is not.
#include <iostream>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "codec/base64/base64.h"
#include "codec/json/value.h"
#include "codec/json/writer.h"
#include "codec/remote_write/decode.h"
#include "codec/remote_write/encode.h"
#include "codec/snappy/block.h"
#include "core/base/try.h"

namespace promfleet::remote_write {
namespace {

constexpr std::size_t kBytesMax = 64 << 20;

std::string bits(double value) {
  return fmt::format("{:016x}", bits_of(value));
}

// A start timestamp is the last field of a histogram, where there is one.
std::string_view without_start(const Histogram& histogram) {
  std::string start = "\x88\x01";
  auto number = static_cast<std::uint64_t>(histogram.start_timestamp_ms);
  for (; number >= 0x80; number >>= 7) start += static_cast<char>(number | 0x80);
  start += static_cast<char>(number);
  std::string_view encoded = histogram.encoded;
  if (encoded.ends_with(start)) encoded.remove_suffix(start.size());
  return encoded;
}

void write_labels(json::Writer& out, std::span<const Label> labels) {
  out.key("labels").begin_array();
  for (const Label& label : labels) out.begin_array().value(label.name).value(label.value).end_array();
  out.end_array();
}

void write_metadata(json::Writer& out, const Metadata& metadata) {
  out.key("metadata").begin_object().member("type", static_cast<std::int32_t>(metadata.type));
  out.member("help", metadata.help).member("unit", metadata.unit).end_object();
}

void write_series(json::Writer& out, const WriteRequest& request, const Series& series) {
  out.begin_object();
  write_labels(out, request.labels(series));
  out.key("samples").begin_array();
  for (const Sample& sample : request.samples(series)) {
    out.begin_object().member("timestamp", sample.timestamp_ms).member("value", bits(sample.value));
    out.member("start", sample.start_timestamp_ms).end_object();
  }
  out.end_array().key("histograms").begin_array();
  for (const Histogram& histogram : request.histograms(series)) {
    out.begin_object().member("timestamp", histogram.timestamp_ms).member("sum", bits(histogram.sum));
    out.member("start", histogram.start_timestamp_ms);
    out.member("encoded", base64::encode(without_start(histogram))).end_object();
  }
  out.end_array().key("exemplars").begin_array();
  for (const Exemplar& exemplar : request.exemplars(series)) {
    out.begin_object().member("timestamp", exemplar.timestamp_ms).member("value", bits(exemplar.value));
    write_labels(out, request.labels(exemplar));
    out.end_object();
  }
  out.end_array();
  write_metadata(out, request.metadata(series));
  out.end_object();
}

void write_account(json::Writer& out, const WriteRequest& request) {
  out.key("account").begin_object().key("series").begin_array();
  for (const Series& series : request.series()) write_series(out, request, series);
  out.end_array().key("families").begin_array();
  for (const FamilyMetadata& family : request.families()) {
    out.begin_object().member("name", family.family);
    write_metadata(out, family.metadata);
    out.end_object();
  }
  out.end_array().end_object();
}

struct Versions {
  std::string_view in;
  std::string_view out;
};

Result<std::string> answer(std::string_view line, Versions versions) {
  TRY_ASSIGN(const json::Value given, json::parse(line));
  TRY_ASSIGN(const json::Object* object, json::as_object(given));
  TRY_ASSIGN(const std::string_view text, json::require_string(*object, "block"));
  TRY_ASSIGN(const std::string block, base64::decode(text));
  std::string body;
  WriteRequest request;
  TRY(snappy::decompress(block, kBytesMax, body));
  TRY(versions.in == "1" ? decode_v1(body, request) : decode_v2(body, request));
  std::string again;
  std::string compressed;
  TRY(versions.out == "1" ? encode_v1(request, again) : encode_v2(request, again));
  snappy::compress(again, compressed);

  std::string told;
  json::Writer out(told);
  out.begin_object();
  write_account(out, request);
  out.member("body", base64::encode(again)).member("block", base64::encode(compressed)).end_object();
  return told;
}

int run(Versions versions) {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) {
    const Result<std::string> told = answer(line, versions);
    if (!told) {
      std::cerr << to_string(told.error()) << '\n';
      return 1;
    }
    std::cout << *told << '\n';
  }
  return 0;
}

}  // namespace
}  // namespace promfleet::remote_write

int main(int count, char** arguments) {
  const auto is_version = [](std::string_view text) { return text == "1" || text == "2"; };
  if (count != 3 || !is_version(arguments[1]) || !is_version(arguments[2])) {
    std::cerr << "usage: remote_write_codec 1|2 1|2\n";
    return 2;
  }
  return promfleet::remote_write::run({arguments[1], arguments[2]});
}
