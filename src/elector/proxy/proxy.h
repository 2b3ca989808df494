// Passes every request on to the Prometheus of the member who leads, so that each member's port answers like the
// leader's.
//
//   Proxy proxy(parts, {.member = "prometheus-0", .upstreams = {.service_name = "prometheus"}});
//   router.add_prefix("/", proxy.handler());
//
// Bodies flow through in both directions, piece by piece; whoever is slow holds up the other side. A repeatable request
// whose leader is gone waits for the next leader, for a bounded time. What is refused, added and left out, and which
// answers are the proxy's own: docs/proxy.md.
//
// Thread safety: none; lives on one io thread.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "core/os/clock.h"
#include "core/telemetry/metrics.h"
#include "elector/proxy/failure.h"
#include "elector/proxy/leader_directory.h"
#include "elector/proxy/upstreams.h"
#include "net/auth/followed_config.h"
#include "net/auth/http_client_config.h"
#include "net/http/exchange.h"

namespace promfleet::elector {

enum class AdminAccess : std::uint8_t { refused, allowed };

struct ProxyOptions {
  std::string member;  // our own name
  UpstreamOptions upstreams;
  AdminAccess admin_access = AdminAccess::refused;
  Duration failover_wait = 5s;
};

class Proxy {
 public:
  // They outlive the proxy. `credentials`: how to introduce ourselves to Prometheus; null: as the client did.
  struct Parts {
    Clock& clock;
    net::Dialer& dialer;
    LeaderDirectory& leaders;
    Registry& metrics;
    auth::FollowedConfig<auth::HttpClientConfig>* credentials = nullptr;
  };

  Proxy(const Parts& parts, ProxyOptions options);

  // Refers to this proxy, which outlives it and every exchange.
  http::Handler handler();

 private:
  friend class Passage;
  enum class Answerer : std::uint8_t { none, self, remote };  // who wrote the answer; none: the proxy

  Task<> serve(http::Exchange& exchange);
  Task<> refuse(http::Exchange& exchange, Failure failure);
  void count(int status, Answerer answerer);

  Clock& clock_;
  LeaderDirectory& leaders_;
  Registry& metrics_;
  auth::FollowedConfig<auth::HttpClientConfig>* credentials_;
  ProxyOptions options_;
  Upstreams upstreams_;
  Gauge& in_flight_;
  std::uint64_t kept_bytes_ = 0;  // bodies of requests that may be sent again
  std::map<std::pair<int, Answerer>, Counter*> answers_;
};

}  // namespace promfleet::elector
