// Randomness, injected so that a test can repeat it.
#pragma once

#include <cstdint>

namespace promfleet {

class Random {
 public:
  virtual ~Random() = default;

  virtual std::uint64_t next() = 0;

  // Uniform in [0, 1).
  double fraction() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
};

// The kernel's (getrandom).
class SystemRandom final : public Random {
 public:
  std::uint64_t next() override;
};

// The same sequence for the same seed (splitmix64).
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() override;

 private:
  std::uint64_t state_;
};

}  // namespace promfleet
