#include "core/os/random.h"

#include <sys/random.h>

#include "core/base/assert.h"

namespace promfleet {

std::uint64_t SystemRandom::next() {
  std::uint64_t number = 0;
  // Up to 256 bytes are never cut short once the kernel's pool is ready.
  ASSERT(getrandom(&number, sizeof number, 0) == sizeof number);
  return number;
}

std::uint64_t SeededRandom::next() {
  state_ += 0x9e3779b97f4a7c15u;
  std::uint64_t mixed = state_;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
  return mixed ^ (mixed >> 31);
}

}  // namespace promfleet
