// One thing that happened at the sink, as the journal and the account take it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "remote_write/fence/group.h"

namespace promfleet::remote_write {

enum class Occurrence : std::uint8_t {
  fenced,   // the group has this token from now on, or none after a reset
  written,  // a write was answered with 2xx
  refused,  // it was not
};

struct Event {
  Occurrence occurrence = Occurrence::written;
  std::int64_t unix_ms = 0;           // when it came, by the sink's clock
  std::string group;                  // empty: a write that was not fenced
  std::string stream;                 // of a write
  std::optional<FencingToken> token;  // of the write; of the group, when fenced
  std::uint32_t generation = 0;       // of the group
  std::string source;                 // of the term, when fenced; empty: it is not told
  std::size_t duplicates = 0;         // of a write that was answered with 2xx
  std::size_t covered = 0;
  std::optional<std::int64_t> lowest_ms;  // the lowest timestamp that it had
  std::string code;                       // of a refusal

  bool operator==(const Event&) const = default;
};

// As a JSON object.
std::string format_event(const Event& event);
Result<Event> parse_event(std::string_view text);

}  // namespace promfleet::remote_write
