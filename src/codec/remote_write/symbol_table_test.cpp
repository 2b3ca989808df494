#include "codec/remote_write/symbol_table.h"

#include <map>
#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace promfleet::remote_write {
namespace {

TEST(SymbolTable, NumbersSymbolsInTheOrderOfTheirFirstUse) {
  SymbolTable table;
  EXPECT_EQ(table.number_of("job"), 1);
  EXPECT_EQ(table.number_of("node"), 2);
  EXPECT_EQ(table.number_of("job"), 1);
  EXPECT_EQ(table.number_of(""), 0);
  EXPECT_EQ(table.number_of(std::string_view()), 0);
  EXPECT_THAT(table.symbols(), testing::ElementsAre("", "job", "node"));
}

TEST(SymbolTable, WrongGuessChangesNothing) {
  SymbolTable table;
  const std::uint32_t job = table.number_of("job");
  const std::uint32_t node = table.number_of("node");
  for (const std::uint32_t guess : {0U, job, node, 3U, 0xffff'ffffU}) {
    EXPECT_EQ(table.number_of("job", guess), job);
    EXPECT_EQ(table.number_of("node", guess), node);
    EXPECT_EQ(table.number_of("", guess), 0);
  }
  EXPECT_EQ(table.symbols().size(), 3);
}

TEST(SymbolTable, FindsEachOfManySymbols) {
  std::mt19937_64 random(1);
  std::map<std::string, std::uint32_t> expected{{"", 0}};
  SymbolTable table;
  for (int use = 0; use < 50'000; ++use) {
    const auto [entry, is_new] =
        expected.try_emplace(std::to_string(random() % 10'000), static_cast<std::uint32_t>(expected.size()));
    ASSERT_EQ(table.number_of(entry->first), entry->second);
  }
  EXPECT_EQ(table.symbols().size(), expected.size());
}

}  // namespace
}  // namespace promfleet::remote_write
