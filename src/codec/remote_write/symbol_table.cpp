#include "codec/remote_write/symbol_table.h"

#include <functional>

namespace promfleet::remote_write {

SymbolTable::SymbolTable() : slots_(64) {
  number_of("");
}

std::uint32_t SymbolTable::number_of(std::string_view symbol, std::uint32_t guess) {
  if (guess < symbols_.size() && symbols_[guess] == symbol) return guess;
  const std::uint64_t hash = std::hash<std::string_view>()(symbol);
  Slot& slot = find(hash, symbol);
  if (slot.number != kFree) return slot.number;
  const auto number = static_cast<std::uint32_t>(symbols_.size());
  slot = {hash, number};
  symbols_.push_back(symbol);
  if (symbols_.size() > slots_.size() / 2) grow();
  return number;
}

SymbolTable::Slot& SymbolTable::find(std::uint64_t hash, std::string_view symbol) {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
    Slot& slot = slots_[at];
    if (slot.number == kFree || (slot.hash == hash && symbols_[slot.number] == symbol)) return slot;
  }
}

void SymbolTable::grow() {
  std::vector<Slot> former(slots_.size() * 2);
  former.swap(slots_);
  for (const Slot& slot : former) {
    if (slot.number != kFree) find(slot.hash, symbols_[slot.number]) = slot;
  }
}

}  // namespace promfleet::remote_write
