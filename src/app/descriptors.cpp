#include "app/descriptors.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "net/http/server.h"

namespace promfleet {

namespace {

constexpr std::size_t kKeptMin = 64;

// Of the event loop, the log, the files, the lease store and Prometheus.
constexpr std::size_t kNeededMin = 32;

}  // namespace

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

void open_standard_descriptors() {
  int descriptor = 0;
  while (descriptor >= 0 && descriptor <= STDERR_FILENO) descriptor = ::open("/dev/null", O_RDWR);
  if (descriptor >= 0) ::close(descriptor);
}

Result<> check_descriptor_limit(std::size_t descriptors) {
  if (descriptors >= kNeededMin) return {};
  return fail(Errc::limit_exceeded, "at least {} file descriptors are needed, and {} are allowed (ulimit -n)",
              kNeededMin, descriptors);
}

std::size_t descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

std::size_t client_connections_max(std::size_t descriptors) {
  const std::size_t kept = std::max(kKeptMin, descriptors / 8);
  const std::size_t left = descriptors > kept ? descriptors - kept : 0;
  return std::clamp<std::size_t>(left, 1, http::ServerLimits().connections_max);
}

}  // namespace promfleet
