// What a backend over the network stands on: the machine's clock, names and connections.
#pragma once

#include <functional>

#include "core/async/task.h"
#include "core/os/real_file_system.h"
#include "core/os/system_clock.h"
#include "election/stores/store_backend_testing.h"
#include "net/resolver/host_lookup.h"
#include "net/resolver/resolver.h"
#include "net/stream/dialer.h"
#include "net/tls/context.h"

namespace promfleet::election {

struct Network {
  asio::io_context io;
  SystemClock clock{io};
  RealFileSystem files;
  net::SystemHostLookup lookup{1};
  net::Resolver resolver{io.get_executor(), clock, lookup};
};

inline net::NetworkDialer make_dialer(Network& network, const net::ClientTlsOptions& tls) {
  return net::NetworkDialer(network.clock, network.resolver, must(net::TlsContext::client(tls, {})));
}

}  // namespace promfleet::election
