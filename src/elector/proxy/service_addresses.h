// Keeps up with what the proxy's service name resolves to: the members as the cluster's name service knows them.
//
// Thread safety: none; lives on one io thread.
#pragma once

#include <string>
#include <vector>

#include "core/async/task.h"
#include "core/os/clock.h"
#include "net/resolver/resolver.h"

namespace promfleet::elector {

class ServiceAddresses {
 public:
  // Both outlive it.
  ServiceAddresses(Clock& clock, net::Resolver& resolver, std::string service);

  // Looks the name up again and again. Ends when cancelled.
  Task<> follow();

  const std::string& service() const { return service_; }
  // As of the last look-up, sorted; empty: the name does not resolve.
  const std::vector<std::string>& addresses() const { return addresses_; }

 private:
  Clock& clock_;
  net::Resolver& resolver_;
  std::string service_;
  std::vector<std::string> addresses_;
};

}  // namespace promfleet::elector
