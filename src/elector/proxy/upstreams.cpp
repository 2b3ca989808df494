#include "elector/proxy/upstreams.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace promfleet::elector {
namespace {

// A leader whose machine is gone does not even refuse; its successor should be asked instead.
constexpr Duration kDialTimeMax = 2s;

// A dashboard asks many things at once; a connection that is not kept costs more than one that is.
constexpr http::ClientLimits kLimits{.connections_idle_max = 64};

// The name comes from a lease that others write too, and becomes part of a host name. The resolver would stop reading
// at a zero byte: a name with one could lead out of the service.
bool can_be_host(std::string_view member) {
  constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._";
  return !member.empty() && member.find_first_not_of(kAllowed) == std::string_view::npos;
}

}  // namespace

Task<Result<std::unique_ptr<net::Stream>>> Upstreams::PromptDialer::dial(const net::Endpoint& endpoint,
                                                                         BootTime deadline) {
  return inner_.dial(endpoint, std::min(deadline, clock_.now() + kDialTimeMax));
}

Upstreams::Upstreams(net::Dialer& dialer, Clock& clock, UpstreamOptions options)
    : dialer_(dialer, clock),
      clock_(clock),
      options_(std::move(options)),
      local_(connect_to("localhost", options_.local_port)) {}

std::shared_ptr<http::Client> Upstreams::connect_to(std::string host, std::uint16_t port) {
  const bool is_tls = options_.transport == net::Transport::tls;
  return std::make_shared<http::Client>(dialer_, clock_,
                                        http::Origin{.is_tls = is_tls, .host = std::move(host), .port = port}, kLimits);
}

Result<std::shared_ptr<http::Client>> Upstreams::client_of(const Leader& leader) {
  if (leader.is_self) {
    remote_.reset();
    remote_member_.clear();
    return local_;
  }
  if (leader.member != remote_member_) {
    if (!can_be_host(leader.member)) {
      return fail(Errc::invalid_input, "{:?} cannot be part of a host name", leader.member);
    }
    remote_member_ = leader.member;
    remote_ = connect_to(remote_member_ + "." + options_.service_name, options_.remote_port);
  }
  return remote_;
}

}  // namespace promfleet::elector
