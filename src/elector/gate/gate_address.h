// Where the local Prometheus finds the gate, from -gate-listen-address, and what it has to show there.
#pragma once

#include <string>
#include <string_view>

#include "net/stream/dialer.h"

namespace promfleet::elector {

// By -web.config.file.
struct GateProtection {
  net::Transport transport = net::Transport::tcp;
  bool authenticates = false;  // only those are let in who show a password or a certificate
};

class GateAddress {
 public:
  // `listen_address` is HOST:PORT, with an empty host for all of them, IPv6 in brackets.
  explicit GateAddress(std::string_view listen_address, GateProtection protection = {});

  // What Prometheus' remote_write has as its url; through loopback where the gate listens everywhere.
  std::string url_of(std::string_view path) const;
  const GateProtection& protection() const { return protection_; }

  // Whether `url`, of a remote_write section, leads to this gate and that path, by whichever scheme. What a gate on
  // loopback gets comes from a loopback address; where it listens to others too, any name may be its own.
  bool is_at(std::string_view url, std::string_view path) const;
  // Whether such a URL has the scheme that this gate speaks.
  bool has_scheme_of(std::string_view url) const;

 private:
  std::string host_;
  std::string port_;  // "0": whichever is free
  GateProtection protection_;
};

}  // namespace promfleet::elector
