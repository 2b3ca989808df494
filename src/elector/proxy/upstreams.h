// The connections to the leader's Prometheus: one kept pool to our own and one to that of the member who leads.
//
// Thread safety: none; lives on one io thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/error.h"
#include "core/os/clock.h"
#include "elector/proxy/leader_directory.h"
#include "net/http/client.h"
#include "net/stream/dialer.h"

namespace promfleet::elector {

struct UpstreamOptions {
  std::uint16_t local_port = 9090;   // of our own Prometheus, on localhost
  std::uint16_t remote_port = 9090;  // of another member's, at MEMBER.SERVICE_NAME
  std::string service_name;
  net::Transport transport = net::Transport::tcp;
};

class Upstreams {
 public:
  // They outlive the upstreams, and those what client_of() gives.
  Upstreams(net::Dialer& dialer, Clock& clock, UpstreamOptions options);

  // A client of the leader's Prometheus; whoever calls holds it. That of a former leader goes away with its last call.
  // Errc::invalid_input: the member's name cannot be part of a host name.
  Result<std::shared_ptr<http::Client>> client_of(const Leader& leader);

 private:
  // Gives up on a connection earlier than on an answer.
  class PromptDialer final : public net::Dialer {
   public:
    PromptDialer(net::Dialer& inner, Clock& clock) : inner_(inner), clock_(clock) {}
    Task<Result<std::unique_ptr<net::Stream>>> dial(const net::Endpoint& endpoint, BootTime deadline) override;

   private:
    net::Dialer& inner_;
    Clock& clock_;
  };

  std::shared_ptr<http::Client> connect_to(std::string host, std::uint16_t port);

  PromptDialer dialer_;
  Clock& clock_;
  UpstreamOptions options_;
  std::shared_ptr<http::Client> local_;
  std::shared_ptr<http::Client> remote_;
  std::string remote_member_;
};

}  // namespace promfleet::elector
