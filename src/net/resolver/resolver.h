// Turns host names into addresses without ever holding up an io thread, and goes on when DNS does not.
//
// getaddrinfo() blocks, for half a minute if a name server is silent, so it runs on threads of its own. Answers are
// fresh for some seconds. After that the next caller has the name looked up again and waits a moment for it; while
// that is slow or fails, the last addresses known to be good are given out, however old they are.
//
// One resolver with its own HostLookup is one lane: a name that must never wait behind others (the lease store's, the
// local Prometheus') gets a resolver of its own.
//
// Addresses written as such are never looked up, nor is `localhost`, which is ::1 and 127.0.0.1 whatever /etc/hosts
// says (RFC 6761 section 6.3).
//
// Thread safety: none; a resolver belongs to one io thread.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "core/async/signal.h"
#include "core/async/task.h"
#include "core/async/task_scope.h"
#include "core/base/error.h"
#include "core/base/time.h"
#include "core/os/clock.h"
#include "net/resolver/host_lookup.h"

namespace promfleet::net {

struct ResolverLimits {
  Duration fresh_for = std::chrono::seconds(5);
  // How long a caller waits for a new answer when there is an old one.
  Duration patience = std::chrono::milliseconds(500);
  // Names kept; beyond it the one that was asked for longest ago is forgotten.
  std::size_t names_max = 256;
};

class Resolver {
 public:
  // `lookup` and `clock` outlive the resolver.
  Resolver(Executor executor, Clock& clock, HostLookup& lookup, ResolverLimits limits = {});
  ~Resolver();

  // At least one address, in the order in which they are to be tried. Errors are those of HostLookup, timed_out at
  // `deadline`, and cancelled.
  Task<Result<Addresses>> resolve(std::string host, BootTime deadline);

  // Ends the look-ups that are under way; nobody is in resolve() any more. Comes before destruction.
  Task<> close();

 private:
  struct Name;

  std::shared_ptr<Name> name_of(const std::string& host);
  Task<> refresh(std::string host, std::shared_ptr<Name> name);

  Clock& clock_;
  HostLookup& lookup_;
  ResolverLimits limits_;
  std::map<std::string, std::shared_ptr<Name>> names_;
  TaskScope refreshes_;
};

}  // namespace promfleet::net
