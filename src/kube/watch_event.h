// One line of a watch.
#pragma once

#include <cstdint>

#include "codec/json/value.h"
#include "core/base/error.h"

namespace promfleet::kube {

enum class EventType : std::uint8_t {
  added,
  modified,
  deleted,
  bookmark,  // nothing changed; the object holds only a newer resourceVersion
  error,     // the object is a Status; the watch is over
};

// Borrows from the line.
struct WatchEvent {
  EventType type;
  const json::Object& object;
};

// Errc::protocol.
Result<WatchEvent> read_event(const json::Object& line);

}  // namespace promfleet::kube
