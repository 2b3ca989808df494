// What the fence knows of each series, by key: 48 bytes each, in an array of which a third or more stays free.
//
// Places stay where they are until reserve() makes room for more; so those who reserve first may keep them. Nothing is
// ever removed but the newest, which is what undoing needs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "remote_write/fence/series_key.h"
#include "remote_write/fence/term.h"

namespace promfleet::remote_write {

enum class ValueKind : std::uint8_t { none, number, histogram };

// The last sample that was stored of a series.
struct SeriesState {
  std::int64_t timestamp_ms = 0;
  double value = 0;  // of a native histogram: its count; NaN if it is a gauge's
  FencingToken token;
  std::uint32_t generation = 0;
  ValueKind kind = ValueKind::none;  // none: nothing was stored

  Term term() const { return {generation, token}; }
};

struct SeriesEntry {
  SeriesKey key;
  SeriesState state;

  bool is_free() const { return state.kind == ValueKind::none; }
};
static_assert(sizeof(SeriesEntry) == 48);

class SeriesTable {
 public:
  std::size_t size() const { return size_; }

  // Room for `count` in all.
  void reserve(std::size_t count);

  void prefetch(SeriesKey key) const;

  // The series' place, or the free one that would be its own. There must be room.
  SeriesEntry& place_of(SeriesKey key);
  // Writes into the place of `key`; no state of kind none.
  void put(SeriesEntry& place, SeriesKey key, const SeriesState& state);
  // Frees the place that was filled last of all that are filled.
  void take_back(SeriesEntry& newest);

  // Every place, the free ones too.
  std::span<const SeriesEntry> places() const { return places_; }

 private:
  std::size_t home_of(SeriesKey key) const { return key.low & (places_.size() - 1); }
  bool has_room_for(std::size_t count) const { return count + count / 2 < places_.size(); }

  std::vector<SeriesEntry> places_;  // a power of two, or none
  std::size_t size_ = 0;
};

}  // namespace promfleet::remote_write
