// Where the local Prometheus finds the gate, from -gate-listen-address.
#pragma once

#include <string>
#include <string_view>

namespace promfleet::elector {

class GateAddress {
 public:
  // `listen_address` is HOST:PORT, with an empty host for all of them, IPv6 in brackets.
  explicit GateAddress(std::string_view listen_address);

  // What Prometheus' remote_write has as its url; through loopback where the gate listens everywhere.
  std::string url_of(std::string_view path) const;

  // Whether `url`, of a remote_write section, leads to this gate and that path. What a gate on loopback gets comes from
  // a loopback address; where it listens to others too, any name may be its own.
  bool is_at(std::string_view url, std::string_view path) const;

 private:
  std::string host_;
  std::string port_;  // "0": whichever is free
};

}  // namespace promfleet::elector
