#include "core/base/assert.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace promfleet {

// A standard error that nobody reads must not keep a process that has a bug alive: then SIGALRM ends it.
void assertion_failed(const char* condition, const char* file, int line) {
  alarm(1);
  std::fprintf(stderr, "promfleet has a bug and stops: assertion %s failed at %s:%d\n", condition, file, line);
  // What was logged before is on its way out, by another thread.
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  std::abort();
}

}  // namespace promfleet
