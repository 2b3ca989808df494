// An integer that means one thing: a LeaseRevision cannot be passed where a FencingToken is wanted.
//
//   using LeaseRevision = StrongId<struct LeaseRevisionTag>;
#pragma once

#include <compare>
#include <cstdint>

namespace promfleet {

template <class Tag, class Number = std::uint64_t>
class StrongId {
 public:
  constexpr StrongId() = default;
  constexpr explicit StrongId(Number value) : value_(value) {}

  constexpr Number value() const { return value_; }

  constexpr auto operator<=>(const StrongId&) const = default;

 private:
  Number value_{};
};

}  // namespace promfleet
