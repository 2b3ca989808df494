#include "elector/gate/progress_text.h"

#include <fmt/format.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "codec/json/value.h"
#include "codec/json/writer.h"
#include "core/base/try.h"
#include "net/http/origin.h"

namespace promfleet::elector {

namespace {

// The year 2200, and as long before 1970: whatever a time is turned into, it fits.
constexpr std::int64_t kTimeMaxMs = 7'258'118'400'000;

Result<std::int64_t> require_time(const json::Object& object, std::string_view key) {
  TRY_ASSIGN(const std::optional<std::int64_t> number, json::find_integer(object, key));
  if (!number) return fail(Errc::invalid_input, "{}: a whole number is missing", key);
  if (*number < -kTimeMaxMs || *number > kTimeMaxMs)
    return fail(Errc::invalid_input, "{}: {} is no time of ours", key, *number);
  return *number;
}

}  // namespace

std::string progress_key(const GateEntry& entry) {
  const std::string destination = to_string(entry.url.origin) + entry.url.target + "\n" + entry.group;
  return fmt::format("{}@{:016x}", entry.name, XXH3_64bits(destination.data(), destination.size()));
}

std::string format_progress(const GateProgress& progress) {
  std::string text;
  json::Writer out(text);
  out.begin_object().member("sent", progress.sent_ms).key("watermarks").begin_object();
  for (const auto& [stream, watermark_ms] : progress.watermarks_ms) out.member(stream, watermark_ms);
  out.end_object();
  if (progress.external_labels) {
    out.key("externalLabels").begin_object();
    for (const auto& [name, value] : *progress.external_labels) out.member(name, value);
    out.end_object();
  }
  out.end_object();
  return text;
}

Result<GateProgress> parse_progress(std::string_view text) {
  TRY_ASSIGN(const json::Value document, json::parse(text));
  TRY_ASSIGN(const json::Object* root, json::as_object(document));
  GateProgress progress;
  TRY_ASSIGN(progress.sent_ms, require_time(*root, "sent"));
  TRY_ASSIGN(const json::Object* watermarks, json::require_object(*root, "watermarks"));
  for (const auto& entry : *watermarks) {
    TRY_ASSIGN(progress.watermarks_ms[entry.key()], require_time(*watermarks, entry.key()));
  }
  TRY_ASSIGN(const json::Object* labels, json::find_object(*root, "externalLabels"));
  if (labels == nullptr) return progress;
  progress.external_labels.emplace();
  for (const auto& label : *labels) {
    TRY_ASSIGN(const std::string_view value, json::require_string(*labels, label.key()));
    progress.external_labels->emplace(label.key(), value);
  }
  return progress;
}

}  // namespace promfleet::elector
