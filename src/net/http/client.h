// Speaks HTTP/1.1 to one origin and keeps its connections.
//
//   Client client(dialer, clock, origin, {.connections_idle_max = 4});
//   CO_TRY_ASSIGN(Response response, co_await client.send({.target = "/-/ready"}, clock.now() + 2s));
//
// send() is for small answers, receive() for long ones that are taken as they come (a watch). Both are made of Call
// (call.h), which also streams bodies up and can be aborted from outside: what a proxy needs.
//
// Thread safety: none; a client belongs to one io thread. Requests may run beside each other; all have ended before
// the client is destroyed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/async/task.h"
#include "core/base/error.h"
#include "core/base/time.h"
#include "core/os/clock.h"
#include "net/http/message.h"
#include "net/http/origin.h"
#include "net/stream/dialer.h"

namespace promfleet::http {

class ConnectionPool;

struct ClientLimits {
  std::size_t connections_idle_max = 8;
  Duration idle_max = std::chrono::seconds(60);
  std::size_t head_bytes_max = 64 * 1024;
  std::size_t body_bytes_max = 16 * 1024 * 1024;  // of send(); receive() is unbounded
};

class Client {
 public:
  // `dialer` and `clock` outlive the client.
  Client(net::Dialer& dialer, Clock& clock, Origin origin, ClientLimits limits = {});
  ~Client();

  // One request, its whole answer. Errc::unreachable, timed_out, protocol, limit_exceeded, cancelled and what the
  // dialer says; an answer with whatever status is a success here.
  Task<Result<Response>> send(const Request& request, BootTime deadline);

  // As send(), but the body of the answer goes to `on_data` piece by piece as it arrives, and is not bounded
  // (a watch). `on_head` comes first and may refuse by returning an Error, which is then the result.
  // `idle_max`: how long may pass without a byte (before it, each piece renews the deadline).
  using OnHead = std::function<Result<>(const Response& head)>;
  using OnData = std::function<Result<>(std::string_view piece)>;
  Task<Result<>> receive(const Request& request, const OnHead& on_head, const OnData& on_data, Duration idle_max);

  const Origin& origin() const { return origin_; }

 private:
  friend class Call;

  Clock& clock_;
  Origin origin_;
  std::string authority_;
  ClientLimits limits_;
  std::unique_ptr<ConnectionPool> pool_;
};

}  // namespace promfleet::http
