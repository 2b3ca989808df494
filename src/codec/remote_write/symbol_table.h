// The table of symbols of remote write 2.0 as it is built: each string once, in the order of first use, the empty one
// first. The strings are views and have to outlive it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace promfleet::remote_write {

class SymbolTable {
 public:
  SymbolTable();

  // The number of `symbol`, which enters the table if it is not in it. `guess`, a number given before or 0, is tried
  // first.
  std::uint32_t number_of(std::string_view symbol, std::uint32_t guess = 0);

  std::span<const std::string_view> symbols() const { return symbols_; }

 private:
  // An open hash table: the number in the slot of its hash, or in one behind it.
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t number = kFree;
  };
  static constexpr std::uint32_t kFree = 0xffff'ffff;

  // The slot that holds `symbol`, or the free one where it belongs.
  Slot& find(std::uint64_t hash, std::string_view symbol);
  void grow();

  std::vector<std::string_view> symbols_;
  std::vector<Slot> slots_;  // a power of two, at least half of them free
};

}  // namespace promfleet::remote_write
