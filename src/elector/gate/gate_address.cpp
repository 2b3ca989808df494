#include "elector/gate/gate_address.h"

#include <fmt/format.h>

#include "net/http/message.h"
#include "net/http/origin.h"

namespace promfleet::elector {

namespace {

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

bool is_any(std::string_view host) {
  return host.empty() || host == "0.0.0.0" || host == "::";
}

}  // namespace

GateAddress::GateAddress(std::string_view listen_address, GateProtection protection) : protection_(protection) {
  const std::size_t colon = listen_address.rfind(':');
  std::string_view host = listen_address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  host_ = host;
  port_ = listen_address.substr(colon + 1);
}

std::string GateAddress::url_of(std::string_view path) const {
  const std::string host = is_any(host_) ? "127.0.0.1" : host_.contains(':') ? fmt::format("[{}]", host_) : host_;
  const std::string_view scheme = protection_.transport == net::Transport::tls ? "https" : "http";
  return fmt::format("{}://{}:{}{}", scheme, host, port_, path);
}

bool GateAddress::is_at(std::string_view url, std::string_view path) const {
  const auto parsed = http::parse_url(url);
  if (!parsed || http::path_of(parsed->target) != path) return false;
  if (port_ != "0" && std::to_string(parsed->origin.port) != port_) return false;
  return !is_loopback(host_) || is_loopback(parsed->origin.host);
}

bool GateAddress::has_scheme_of(std::string_view url) const {
  const auto parsed = http::parse_url(url);
  return parsed && parsed->origin.is_tls == (protection_.transport == net::Transport::tls);
}

}  // namespace promfleet::elector
