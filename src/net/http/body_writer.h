// The pieces of a message's body as they go over the wire: as they are or as chunks (RFC 9112 section 7.1), the head
// before the first of them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <boost/asio/buffer.hpp>

#include "core/base/error.h"
#include "net/http/framing.h"

namespace promfleet::http {

namespace asio = boost::asio;

class BodyWriter {
 public:
  // What is to be sent, in this order; valid until the next call.
  using Buffers = std::array<asio::const_buffer, 4>;

  // A body with that framing; Framing::Body::none swallows the pieces. Returns where the head is to be written.
  std::string& start(Framing framing);

  // Errc::invalid_input: a sized body would get longer than its size.
  Result<Buffers> piece(std::string_view piece);
  // The last piece, which may be empty. Errc::invalid_input: it does not make up the size.
  Result<Buffers> last(std::string_view piece);

  std::size_t capacity() const { return before_.capacity(); }

 private:
  Result<Buffers> buffers(std::string_view piece, std::string_view after);

  std::string before_;  // the head, the size of a chunk
  bool is_before_sent_ = false;
  Framing framing_;
  std::uint64_t bytes_ = 0;
};

}  // namespace promfleet::http
