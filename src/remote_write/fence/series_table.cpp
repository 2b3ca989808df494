#include "remote_write/fence/series_table.h"

#include <algorithm>
#include <bit>

#include "core/base/assert.h"

namespace promfleet::remote_write {

void SeriesTable::reserve(std::size_t count) {
  if (has_room_for(count)) return;
  std::vector<SeriesEntry> former(std::max<std::size_t>(64, std::bit_ceil(count + count / 2 + 1)));
  former.swap(places_);
  for (const SeriesEntry& entry : former) {
    if (!entry.is_free()) place_of(entry.key) = entry;
  }
}

void SeriesTable::prefetch(SeriesKey key) const {
  if (!places_.empty()) __builtin_prefetch(&places_[home_of(key)]);
}

SeriesEntry& SeriesTable::place_of(SeriesKey key) {
  std::size_t at = home_of(key);
  while (!places_[at].is_free() && places_[at].key != key) at = (at + 1) & (places_.size() - 1);
  return places_[at];
}

void SeriesTable::put(SeriesEntry& place, SeriesKey key, const SeriesState& state) {
  ASSERT(state.kind != ValueKind::none);
  if (place.is_free()) {
    ++size_;
    ASSERT(has_room_for(size_));
  }
  place = {key, state};
}

void SeriesTable::take_back(SeriesEntry& newest) {
  ASSERT(!newest.is_free());
  newest = {};
  --size_;
}

}  // namespace promfleet::remote_write
