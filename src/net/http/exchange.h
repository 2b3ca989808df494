// One request to our server and its answer, as a handler sees them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/async/task.h"
#include "core/base/error.h"
#include "core/base/strong_id.h"
#include "net/http/message.h"

namespace promfleet::http {

// Tells the connections of a server apart: no two have the same, and a later one has a larger.
using ConnectionNumber = StrongId<struct ConnectionNumberTag>;

// Exactly one of respond() and begin() is called.
//
// The server writes Date (unless given), Content-Length, Transfer-Encoding and Connection; the last two of an answer
// are left out. An answer to HEAD is given like that to GET; its body is not sent.
class Exchange {
 public:
  virtual ~Exchange() = default;

  // Method, target and fields; the body is empty and read with the calls below.
  virtual const Request& request() const = 0;
  // The client's address without its port.
  virtual std::string peer_address() const = 0;
  virtual ConnectionNumber connection() const = 0;
  virtual bool is_tls() const = 0;

  // Whether there is a body to read, if only an empty chunked one.
  virtual bool has_body() const = 0;
  // Its length, unless it is chunked.
  virtual std::optional<std::uint64_t> body_bytes() const = 0;
  // The whole body. Errc::limit_exceeded beyond `bytes_max` (then answer 413).
  virtual Task<Result<std::string>> read_body(std::size_t bytes_max) = 0;
  // The next piece of the body, valid until the next call; empty at its end. Sends "100 Continue" before the first, if
  // the client waits for it.
  virtual Task<Result<std::string_view>> read_some() = 0;

  virtual Task<Result<>> respond(Response response) = 0;

  // Streams: the head with the first piece if there is one, then pieces, then the end. With a Content-Length in `head`
  // exactly so much is written; without one the body is chunked (HTTP/1.1) or ends with the connection (1.0).
  virtual Task<Result<>> begin(Response head, std::string_view first_piece) = 0;
  virtual Task<Result<>> write(std::string_view piece) = 0;
  virtual Task<Result<>> end(std::string_view last_piece) = 0;

  Task<Result<>> begin(Response head) { return begin(std::move(head), {}); }
  Task<Result<>> end() { return end({}); }

  // Calls `on_gone` once if the client leaves before the exchange is over, also while the handler waits for something
  // else, so that it can give up. Costs next to nothing. (A client that closes only its sending side has left, too.)
  virtual void when_gone(std::function<void()> on_gone) = 0;
};

// Returns when the exchange is over. An exchange that was not answered gets a 500; one that was begun and not ended is
// cut off, so that the client notices.
using Handler = std::function<Task<>(Exchange&)>;

}  // namespace promfleet::http
