// Accepts connections and hands each request to one function.
//
// Requests of a connection are answered one after the other, pipelined ones too. What is ambiguous about where a
// message ends (request smuggling) is answered with 400 and a closed connection, before the handler sees it.
//
// Thread safety: none; a server lives on one io thread.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "core/async/signal.h"
#include "core/async/task.h"
#include "core/async/task_scope.h"
#include "core/base/time.h"
#include "core/os/clock.h"
#include "core/telemetry/log.h"
#include "net/http/exchange.h"
#include "net/stream/listener.h"
#include "net/stream/stream.h"
#include "net/tls/context.h"

namespace promfleet::http {

class ServerConnection;
struct ServerShared;

struct ServerLimits {
  std::size_t head_bytes_max = 64 * 1024;    // 431 beyond
  std::size_t target_bytes_max = 64 * 1024;  // 414 beyond
  // For one more the connection goes that has waited for its peer the longest: for a request, for the rest of one, or
  // until an answer is taken. If all are being answered, the new one waits in the kernel's queue.
  std::size_t connections_max = 16 * 1024;
  // Kept by all connections that wait for their peers with a part of a request or of an answer. Beyond, too, the one
  // goes that has waited the longest.
  std::size_t waiting_bytes_max = 32 * 1024 * 1024;
  Duration handshake_time_max = std::chrono::seconds(10);
  Duration head_time_max = std::chrono::seconds(10);  // from the first byte of a request to the end of its head
  Duration body_idle_max = std::chrono::seconds(60);  // without progress, in either direction
  std::optional<Duration> body_time_max = {};         // from a request's head to the end of its body
  Duration idle_max = std::chrono::seconds(300);      // between requests
};

class Server {
 public:
  // `clock` outlives the server, and so does what `handler` uses.
  Server(Executor executor, Clock& clock, Log log, Handler handler, ServerLimits limits = {});
  // stop() has been awaited.
  ~Server();

  // TLS on connections that are accepted from now on; again for renewed certificates, nullopt for plain text.
  void use_tls(std::optional<net::TlsContext> tls);

  // Accepts from now on.
  void serve(std::vector<std::unique_ptr<net::Listener>> listeners);
  // One connection that somebody else accepted.
  void serve(std::unique_ptr<net::Stream> stream);

  // Accepts no more, closes idle connections, lets running exchanges end for at most `grace`, then cancels them.
  Task<> stop(Duration grace);

  std::size_t connections() const { return connections_.size(); }

 private:
  using Connections = std::list<std::unique_ptr<ServerConnection>>;

  bool is_full() const { return connections_.size() >= connections_max_; }
  Task<> accept_from(net::Listener& listener);
  Task<> run(Connections::iterator connection);

  Clock& clock_;
  std::size_t connections_max_;
  std::optional<net::TlsContext> tls_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
  std::unique_ptr<ServerShared> shared_;
  Connections connections_;
  Signal connection_ended_;
  TaskScope tasks_;
};

}  // namespace promfleet::http
