// Where the body of a message ends (RFC 9112 section 6.3).
#pragma once

#include <cstdint>

namespace promfleet::http {

struct Framing {
  enum class Body : std::uint8_t { none, sized, chunked, until_close };

  Body body = Body::none;
  std::uint64_t bytes = 0;  // of a sized body
};

}  // namespace promfleet::http
