#include "remote_write/fence/series_table.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

namespace promfleet::remote_write {
namespace {

SeriesState state_at(std::int64_t timestamp_ms) {
  return {.timestamp_ms = timestamp_ms, .kind = ValueKind::number};
}

TEST(SeriesTable, HoldsWhatAMapHolds) {
  std::mt19937_64 random(7);
  SeriesTable table;
  std::map<std::uint64_t, std::int64_t> expected;
  for (int step = 0; step < 20'000; ++step) {
    // Few homes, so that places are contended.
    const std::uint64_t number = random() % 5'000;
    const SeriesKey key{number % 97, number};
    table.reserve(table.size() + 1);
    table.put(table.place_of(key), key, state_at(step));
    expected[number] = step;
  }
  EXPECT_EQ(table.size(), expected.size());
  for (std::uint64_t number = 0; number < 6'000; ++number) {
    const SeriesEntry& place = table.place_of({number % 97, number});
    const auto at = expected.find(number);
    ASSERT_EQ(place.is_free(), at == expected.end());
    if (!place.is_free()) EXPECT_EQ(place.state.timestamp_ms, at->second);
  }
}

TEST(SeriesTable, IsAsBeforeWhenTheNewestAreTakenBack) {
  SeriesTable table;
  table.reserve(10);
  for (std::uint64_t number = 0; number < 10; ++number) {
    const SeriesKey key{5, number};
    table.put(table.place_of(key), key, state_at(1));
  }
  for (std::uint64_t number = 10; number-- > 4;) table.take_back(table.place_of({5, number}));
  EXPECT_EQ(table.size(), 4U);
  EXPECT_FALSE(table.place_of({5, 3}).is_free());
  EXPECT_TRUE(table.place_of({5, 4}).is_free());
}

TEST(SeriesTable, PlacesStayWhereTheyAreWhileThereIsRoom) {
  SeriesTable table;
  table.reserve(1'000);
  const SeriesEntry& place = table.place_of({1, 1});
  table.put(table.place_of({1, 1}), {1, 1}, state_at(1));
  for (std::uint64_t number = 2; number <= 1'000; ++number) {
    table.put(table.place_of({number, number}), {number, number}, state_at(1));
  }
  EXPECT_EQ(&place, &table.place_of({1, 1}));
}

}  // namespace
}  // namespace promfleet::remote_write
