// Messages into bytes: the head in one piece, so that head and body leave in one system call.
//
// Connection, Content-Length, Transfer-Encoding and Keep-Alive of a message are left out: they are this connection's
// business and are written from the other arguments. Line breaks in values become spaces, so that no value can end its
// line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/http/framing.h"
#include "net/http/message.h"

namespace promfleet::http {

enum class ConnectionField : std::uint8_t { none, close, keep_alive };

// `authority` is the Host unless the request has one.
void append_head(std::string& out, const Request& request, std::string_view authority, Framing framing);

// `date` is the Date unless the response has one. An answer without a body that has no length to tell has
// Framing::Body::none.
void append_head(std::string& out, const Response& response, std::string_view date, Framing framing,
                 ConnectionField connection);

// Whether an answer with that status never has a body (RFC 9110 section 6.4.1).
bool is_bodiless(int status);

}  // namespace promfleet::http
