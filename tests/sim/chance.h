// Everything that is left to chance in a run comes from its seed through here.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/time.h"
#include "core/os/random.h"

namespace promfleet::sim {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : random_(seed) {}

  bool happens(double probability) { return random_.fraction() < probability; }
  double between(double low, double high) { return low + (high - low) * random_.fraction(); }
  Duration between(Duration low, Duration high) {
    return low + Duration(static_cast<Duration::rep>(random_.fraction() * static_cast<double>((high - low).count())));
  }
  std::size_t below(std::size_t count) { return random_.next() % count; }
  template <class Choices>
  const auto& pick(const Choices& choices) {
    return choices[below(choices.size())];
  }

 private:
  SeededRandom random_;
};

}  // namespace promfleet::sim
