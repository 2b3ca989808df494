// Asks the system for the addresses of a host: what a Resolver caches, and what a test replaces.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "core/async/cpu_pool.h"
#include "core/async/task.h"
#include "core/base/error.h"

namespace promfleet::net {

using Addresses = std::vector<asio::ip::address>;

class HostLookup {
 public:
  virtual ~HostLookup() = default;

  // At least one address. Errc::not_found: there is no such host; unreachable: nobody could say. Takes as long as it
  // takes and cannot be cancelled.
  virtual Task<Result<Addresses>> look_up(std::string host) = 0;
};

// getaddrinfo(): /etc/hosts, then DNS, in the order of RFC 6724.
class SystemHostLookup final : public HostLookup {
 public:
  // Each thread asks for one name at a time. Destruction waits for those under way.
  explicit SystemHostLookup(std::size_t threads) : threads_(threads) {}

  Task<Result<Addresses>> look_up(std::string host) override;

 private:
  CpuPool threads_;
};

}  // namespace promfleet::net
