// Asks the system for the addresses of a host: what a Resolver caches, and what a test replaces.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "core/async/task.h"
#include "core/base/error.h"

namespace promfleet::net {

using Addresses = std::vector<asio::ip::address>;

class HostLookup {
 public:
  virtual ~HostLookup() = default;

  // At least one address. Errc::not_found: there is no such host; unreachable: nobody could say; cancelled. Takes as
  // long as it takes.
  virtual Task<Result<Addresses>> look_up(std::string host) = 0;
};

// getaddrinfo(): /etc/hosts, then DNS, in the order of RFC 6724.
Result<Addresses> ask_system(const std::string& host);

// Asks on threads of its own, each for one name at a time.
//
// getaddrinfo() can be silent for half a minute and cannot be ended. So nothing waits for it: a look-up can be
// cancelled, and destruction leaves a thread that still asks to itself. Such a thread owns all that it touches, finds
// nobody to tell, and ends.
class SystemHostLookup final : public HostLookup {
 public:
  using Ask = std::function<Result<Addresses>(const std::string& host)>;

  explicit SystemHostLookup(std::size_t threads, Ask ask = ask_system);
  ~SystemHostLookup() override;

  Task<Result<Addresses>> look_up(std::string host) override;

 private:
  class Desk;

  std::shared_ptr<Desk> desk_;  // the threads', too
};

}  // namespace promfleet::net
