// What a proxy does to messages on their way (RFC 9110 section 7.6): leaves out what is meant for one connection only,
// and says where the request came from.
#pragma once

#include <string>
#include <string_view>

#include "net/http/exchange.h"
#include "net/http/message.h"

namespace promfleet::elector {

// Marks what went through a proxy of ours, so that two members who disagree about the leader do not send a request to
// and fro. Its value is the member that sent it.
inline constexpr std::string_view kProxiedField = "X-Promfleet-Proxied";

// The request as it goes on, without its body: hop-by-hop fields left out, X-Forwarded-For extended by the client's
// address, X-Forwarded-Proto and X-Forwarded-Host added unless a proxy before us has said so. Host, Authorization and
// everything else stay as they came.
http::Request forwarded(const http::Exchange& exchange);

// Leaves out what the answer says about the connection that it came on.
void remove_hop_by_hop(http::Fields& fields);

// Whether the request may be sent again, to another leader, although it may have been executed: GET, HEAD and OPTIONS,
// and the parts of Prometheus' API that take a POST only because a query may be long.
bool is_repeatable(const http::Request& request);

}  // namespace promfleet::elector
