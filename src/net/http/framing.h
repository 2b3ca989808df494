// Where the body of a message ends (RFC 9112 section 6.3).
#pragma once

#include <cstdint>

#include "net/http/message.h"

namespace promfleet::http {

struct Framing {
  enum class Body : std::uint8_t { none, sized, chunked, until_close };

  Body body = Body::none;
  std::uint64_t bytes = 0;  // of a sized body
};

// Of a message of ours: Body::sized by its Content-Length, Body::none without one that is a number.
Framing announced_framing(const Fields& fields);

}  // namespace promfleet::http
