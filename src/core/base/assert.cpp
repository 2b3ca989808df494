#include "core/base/assert.h"

#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace promfleet {

namespace {

constexpr int kLogTimeMs = 100;

}  // namespace

// A standard error that nobody reads must not keep a process that has a bug alive: then SIGALRM ends it.
void assertion_failed(const char* condition, const char* file, int line) {
  alarm(1);
  std::fprintf(stderr, "promfleet has a bug and stops: assertion %s failed at %s:%d\n", condition, file, line);
  // What was logged before is on its way out, by another thread.
  ::poll(nullptr, 0, kLogTimeMs);
  std::abort();
}

}  // namespace promfleet
