// A listening socket.
//
// Accepting goes on whatever happens: without file descriptors or memory it pauses, says so once until it has accepted
// again, and goes on by itself.
//
// Thread safety: none; a listener belongs to one io thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/async/task.h"
#include "core/base/error.h"
#include "core/os/clock.h"
#include "core/telemetry/log.h"
#include "net/resolver/resolver.h"
#include "net/stream/stream.h"

namespace promfleet::net {

class Listener {
 public:
  virtual ~Listener() = default;

  // The next connection. Fails with cancelled, and with closed after close().
  virtual Task<Result<std::unique_ptr<Stream>>> accept() = 0;

  // No further connections; those that wait in the kernel's queue are reset.
  virtual void close() = 0;

  virtual std::uint16_t port() const = 0;
};

// "host:port" as Go's net.Listen takes it: ":9095" is every address of both families (IPv4 alone where the machine has
// no IPv6), port 0 one that the kernel chooses. A name is resolved; each of its addresses gets a listener, all with the
// same port.
// Errc::invalid_input: not an address; conflict: the port is taken; else as the resolver and the system say.
Task<Result<std::vector<std::unique_ptr<Listener>>>> listen(std::string address, Resolver& resolver, Clock& clock,
                                                            Log log);

}  // namespace promfleet::net
