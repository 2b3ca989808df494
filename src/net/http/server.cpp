#include "net/http/server.h"

#include <utility>

#include "net/http/server_connection.h"
#include "net/stream/dialer.h"

namespace promfleet::http {

namespace {

// Of buffers kept for the next requests.
constexpr std::size_t kWorkspaceBytesMax = 2 * 1024 * 1024;

// How long until a server whose connections were all busy looks again.
constexpr Duration kBusyPause = 100ms;

// A proxy passes on the pauses of its clients.
static_assert(net::kUnacknowledgedMax >= ServerLimits().body_idle_max);

Pool<ServerWorkspace> make_workspaces(const ServerLimits& limits) {
  const HeadLimits head{.head_bytes_max = limits.head_bytes_max, .target_bytes_max = limits.target_bytes_max};
  return {kWorkspaceBytesMax, [head] { return std::make_unique<ServerWorkspace>(head); }};
}

}  // namespace

Server::Server(Executor executor, Clock& clock, Log log, Handler handler, ServerLimits limits)
    : clock_(clock),
      connections_max_(limits.connections_max),
      shared_(new ServerShared{.clock = clock,
                               .log = std::move(log),
                               .handler = std::move(handler),
                               .limits = limits,
                               .workspaces = make_workspaces(limits),
                               .date = {},
                               .waiting = {},
                               .last_connection = {}}),
      connection_ended_(executor),
      tasks_(executor) {}

Server::~Server() = default;

void Server::use_tls(std::optional<net::TlsContext> tls) {
  tls_ = std::move(tls);
}

void Server::serve(std::vector<std::unique_ptr<net::Listener>> listeners) {
  for (std::unique_ptr<net::Listener>& listener : listeners) {
    tasks_.spawn(accept_from(*listener));
    listeners_.push_back(std::move(listener));
  }
}

void Server::serve(std::unique_ptr<net::Stream> stream) {
  connections_.push_back(std::make_unique<ServerConnection>(*shared_, std::move(stream), tls_));
  tasks_.spawn(run(std::prev(connections_.end())));
}

// Whoever only holds connections must not shut out the others: a liveness probe, for example.
Task<> Server::accept_from(net::Listener& listener) {
  while (true) {
    while (is_full() && shared_->waiting.empty()) {
      if (!co_await wait_until(connection_ended_, clock_, clock_.now() + kBusyPause)) co_return;
    }
    auto stream = co_await listener.accept();
    if (!stream) co_return;
    if (is_full() && !shared_->waiting.empty()) shared_->waiting.front()->cut();
    serve(*std::move(stream));
  }
}

Task<> Server::run(Connections::iterator connection) {
  co_await (*connection)->run();
  connections_.erase(connection);
  connection_ended_.notify();
}

Task<> Server::stop(Duration grace) {
  for (const auto& listener : listeners_) listener->close();
  for (const auto& connection : connections_) connection->stop();
  const BootTime deadline = after(clock_.now(), grace);
  while (!connections_.empty() && clock_.now() < deadline) {
    if (!co_await wait_until(connection_ended_, clock_, deadline)) break;
  }
  co_await tasks_.close();
}

}  // namespace promfleet::http
