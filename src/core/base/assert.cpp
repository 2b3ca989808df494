#include "core/base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace promfleet {

void assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "promfleet has a bug and stops: assertion %s failed at %s:%d\n", condition, file, line);
  std::abort();
}

}  // namespace promfleet
