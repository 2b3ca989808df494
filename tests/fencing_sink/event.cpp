#include "tests/fencing_sink/event.h"

#include <algorithm>
#include <array>

#include "codec/json/value.h"
#include "codec/json/writer.h"
#include "core/base/try.h"

namespace promfleet::remote_write {
namespace {

constexpr std::array<std::string_view, 3> kOccurrences = {"fenced", "written", "refused"};

Result<Occurrence> parse_occurrence(std::string_view text) {
  const auto* const at = std::ranges::find(kOccurrences, text);
  if (at == kOccurrences.end()) return fail(Errc::invalid_input, "\"{}\" is no event", text);
  return static_cast<Occurrence>(at - kOccurrences.begin());
}

Result<std::int64_t> require_integer(const json::Object& object, std::string_view key) {
  TRY_ASSIGN(const std::optional<std::int64_t> number, json::find_integer(object, key));
  if (!number) return fail(Errc::invalid_input, "there is no {}", key);
  return *number;
}

}  // namespace

std::string format_event(const Event& event) {
  std::string text;
  json::Writer out(text);
  out.begin_object().member("event", kOccurrences[static_cast<std::size_t>(event.occurrence)]);
  out.member("unix_ms", event.unix_ms).member("group", event.group).member("stream", event.stream);
  if (event.token) out.member("token", event.token->value());
  out.member("generation", event.generation).member("source", event.source);
  out.member("duplicates", event.duplicates).member("covered", event.covered);
  if (event.lowest_ms) out.member("lowest_ms", *event.lowest_ms);
  out.member("code", event.code).end_object();
  return text;
}

Result<Event> parse_event(std::string_view text) {
  TRY_ASSIGN(const json::Value document, json::parse(text));
  TRY_ASSIGN(const json::Object* object, json::as_object(document));
  Event event;
  TRY_ASSIGN(const std::string_view occurrence, json::require_string(*object, "event"));
  TRY_ASSIGN(event.occurrence, parse_occurrence(occurrence));
  TRY_ASSIGN(event.unix_ms, require_integer(*object, "unix_ms"));
  TRY_ASSIGN(event.group, json::require_string(*object, "group"));
  TRY_ASSIGN(event.stream, json::require_string(*object, "stream"));
  TRY_ASSIGN(event.source, json::require_string(*object, "source"));
  TRY_ASSIGN(const std::optional<std::int64_t> token, json::find_integer(*object, "token"));
  if (token) event.token = FencingToken(static_cast<std::uint64_t>(*token));
  TRY_ASSIGN(const std::int64_t generation, require_integer(*object, "generation"));
  event.generation = static_cast<std::uint32_t>(generation);
  TRY_ASSIGN(const std::int64_t duplicates, require_integer(*object, "duplicates"));
  event.duplicates = static_cast<std::size_t>(duplicates);
  TRY_ASSIGN(const std::int64_t covered, require_integer(*object, "covered"));
  event.covered = static_cast<std::size_t>(covered);
  TRY_ASSIGN(event.lowest_ms, json::find_integer(*object, "lowest_ms"));
  TRY_ASSIGN(event.code, json::require_string(*object, "code"));
  return event;
}

}  // namespace promfleet::remote_write
