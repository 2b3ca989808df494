#include "kube/watch_event.h"

#include <optional>

#include "core/base/try.h"

namespace promfleet::kube {
namespace {

std::optional<EventType> type_named(std::string_view name) {
  if (name == "ADDED") return EventType::added;
  if (name == "MODIFIED") return EventType::modified;
  if (name == "DELETED") return EventType::deleted;
  if (name == "BOOKMARK") return EventType::bookmark;
  if (name == "ERROR") return EventType::error;
  return std::nullopt;
}

}  // namespace

Result<WatchEvent> read_event(const json::Object& line) {
  const Result<std::string_view> name = json::require_string(line, "type");
  if (!name) return fail(Errc::protocol, "an event of the watch: {}", name.error().message());
  const std::optional<EventType> type = type_named(*name);
  if (!type) return fail(Errc::protocol, "an event of the unknown type \"{}\"", *name);
  const Result<const json::Object*> object = json::require_object(line, "object");
  if (!object) return fail(Errc::protocol, "an event of the watch: {}", object.error().message());
  return WatchEvent{.type = *type, .object = **object};
}

}  // namespace promfleet::kube
