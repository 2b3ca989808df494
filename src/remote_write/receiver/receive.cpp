#include "remote_write/receiver/receive.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "codec/remote_write/decode.h"
#include "codec/snappy/block.h"
#include "core/base/try.h"
#include "remote_write/receiver/content_type.h"

namespace promfleet::remote_write {
namespace {

// Prometheus' 2,000 samples need a quarter of it.
constexpr std::size_t kUsualBytesMax = 8 * 1024 * 1024;

struct CountField {
  std::string_view name;
  std::size_t WrittenCounts::* count;
};
constexpr std::array<CountField, 3> kCountFields = {{
    {"X-Prometheus-Remote-Write-Samples-Written", &WrittenCounts::samples},
    {"X-Prometheus-Remote-Write-Histograms-Written", &WrittenCounts::histograms},
    {"X-Prometheus-Remote-Write-Exemplars-Written", &WrittenCounts::exemplars},
}};

bool is_another_encoding(const http::Field& field) {
  return http::equal_ignoring_case(field.name, "Content-Encoding") && !field.value.empty() &&
         !http::equal_ignoring_case(field.value, "snappy");
}

std::size_t number_or_zero(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : 0;
}

}  // namespace

std::expected<Version, http::Response> announced_version(const http::Request& head) {
  if (head.method != "POST") {
    http::Response answer = http::text_response(405, "a remote write is a POST");
    answer.fields.add("Allow", "POST");
    return std::unexpected(std::move(answer));
  }
  if (std::any_of(head.fields.begin(), head.fields.end(), is_another_encoding)) {
    return std::unexpected(http::text_response(415, "the content encoding is not snappy"));
  }
  const std::string_view type = head.fields.find("Content-Type").value_or("");
  if (type.empty()) return Version::v1;
  const Result<Version> version = parse_content_type(type);
  if (!version) return std::unexpected(http::text_response(415, version.error().message()));
  return *version;
}

Result<WriteRequest*> BodyDecoder::decode(Version version, std::string_view body) {
  if (Result<> decoded = read(version, body); !decoded) {
    release();
    return std::unexpected(std::move(decoded).error());
  }
  return &request_;
}

Result<> BodyDecoder::read(Version version, std::string_view body) {
  TRY(snappy::decompress(body, limits_.decoded_bytes_max, decoded_));
  if (version == Version::v1) {
    TRY(with_context(decode_v1(decoded_, request_), "prometheus.WriteRequest"));
  } else {
    TRY(with_context(decode_v2(decoded_, request_), "io.prometheus.write.v2.Request"));
  }
  return {};
}

void BodyDecoder::trim() {
  if (decoded_.size() + request_.bytes() > kUsualBytesMax) release();
}

void BodyDecoder::release() {
  std::string().swap(decoded_);  // a string that is assigned keeps its memory
  request_ = WriteRequest();
}

http::Response refusal(const Error& error) {
  switch (error.code()) {
    case Errc::limit_exceeded: return http::text_response(413, error.message());
    case Errc::invalid_input:
    case Errc::protocol: return http::text_response(400, error.message());
    default: return http::text_response(503, error.message());
  }
}

WrittenCounts all_of(const WriteRequest& request) {
  return {.samples = request.samples().size(),
          .histograms = request.histograms().size(),
          .exemplars = request.exemplars().size()};
}

void add_counts(const WrittenCounts& counts, http::Fields& fields) {
  for (const CountField& field : kCountFields) fields.add(field.name, std::to_string(counts.*field.count));
}

std::optional<WrittenCounts> find_counts(const http::Fields& fields) {
  std::optional<WrittenCounts> counts;
  for (const CountField& field : kCountFields) {
    const std::string_view text = fields.find(field.name).value_or("");
    if (text.empty()) continue;
    if (!counts) counts.emplace();
    (*counts).*field.count = number_or_zero(text);
  }
  return counts;
}

http::Response stored(Version version, const WrittenCounts& counts) {
  http::Response answer{.status = 204};
  if (version == Version::v2) add_counts(counts, answer.fields);
  return answer;
}

}  // namespace promfleet::remote_write
