// Assertions for bugs, on in every build: a state that cannot be is never worked around.
#pragma once

namespace promfleet {

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace promfleet

#define ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::promfleet::assertion_failed(#condition, __FILE__, __LINE__))
