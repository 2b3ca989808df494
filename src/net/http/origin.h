// Who a client speaks to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace promfleet::http {

// http://host:port or https://host:port.
struct Origin {
  bool is_tls = false;
  std::string host;  // a name, an IPv4 address or an IPv6 address without brackets
  std::uint16_t port = 80;

  // What belongs into the Host field: the port is left out where it is the scheme's own, IPv6 gets its brackets.
  std::string authority() const;

  bool operator==(const Origin&) const = default;
};

// "https://host:port", the port as in authority().
std::string to_string(const Origin& origin);

// An absolute http or https URL taken apart. Errc::invalid_input says what is wrong with it, and repeats no password.
// User information is refused here: credentials have a place of their own. A fragment is left out.
struct Url {
  Origin origin;
  std::string target;  // "/" if the URL has no path
};
Result<Url> parse_url(std::string_view text);

}  // namespace promfleet::http
