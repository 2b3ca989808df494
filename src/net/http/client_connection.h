// A client's connection, and those that wait for their next request.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "core/async/task.h"
#include "core/base/error.h"
#include "core/base/time.h"
#include "core/os/clock.h"
#include "net/http/body_writer.h"
#include "net/http/client.h"
#include "net/http/parser.h"
#include "net/http/pool.h"
#include "net/http/read_buffer.h"
#include "net/stream/dialer.h"
#include "net/stream/stream.h"

namespace promfleet::http {

// What one exchange needs and an idle connection does not.
struct ClientWorkspace {
  explicit ClientWorkspace(HeadLimits limits) : parser(limits) {}
  std::size_t bytes() const { return sizeof(*this) + buffer.capacity() + body.capacity(); }
  void clear() { buffer.clear(); }

  ReadBuffer buffer;
  ResponseParser parser;
  BodyWriter body;  // of the request
};

// One exchange after the other on one stream.
class ClientConnection {
 public:
  explicit ClientConnection(std::unique_ptr<net::Stream> stream) : stream_(std::move(stream)) {}

  // The head is written with the first bytes of the body.
  void start(std::unique_ptr<ClientWorkspace> workspace, const Request& head, std::string_view authority,
             Framing framing);
  Task<Result<>> write(std::string_view piece);
  Task<Result<>> end(std::string_view last_piece);
  // Errc::closed: the server ended the connection instead.
  Task<Result<>> read_head(Response& answer);
  Task<Result<std::string_view>> read_some();
  Result<std::string_view> read_buffered();
  const ResponseParser& parser() const { return workspace_->parser; }

  // The exchange is over on both sides and the server allows another.
  bool is_reusable();
  std::unique_ptr<ClientWorkspace> finish() { return std::move(workspace_); }

  net::Stream& stream() { return *stream_; }
  bool has_received() const { return has_received_; }  // any byte of this exchange's answer

 private:
  Task<Result<>> send(Result<BodyWriter::Buffers> buffers);
  // What can be read without waiting; 0 if nothing.
  Result<std::size_t> take_in(std::size_t bytes_max);

  std::unique_ptr<net::Stream> stream_;
  std::unique_ptr<ClientWorkspace> workspace_;
  BodyRule body_rule_ = BodyRule::as_told;
  bool is_ended_ = false;   // the request, by us
  bool is_intact_ = false;  // all that was to be sent has been
  bool has_received_ = false;
};

// Connections of one origin. Those that rest are watched: one that the server closes, or on which it says something
// unasked, is dropped at once. So are all when a request got no answer: the path may be dead, which shows in no other
// way, and whoever tries again is to have a fresh connection.
class ConnectionPool {
 public:
  ConnectionPool(net::Dialer& dialer, Clock& clock, const Origin& origin, const ClientLimits& limits);

  // The one that rested the shortest; null if none does.
  std::unique_ptr<ClientConnection> take_resting();
  Task<Result<std::unique_ptr<ClientConnection>>> dial(BootTime deadline);

  // After the last use; drops the connection if it cannot be used again.
  void give_back(std::unique_ptr<ClientConnection> connection);

  std::unique_ptr<ClientWorkspace> take_workspace() { return workspaces_.take(); }

 private:
  struct Resting {
    std::unique_ptr<ClientConnection> connection;
    BootTime since;
  };

  void drop(const ClientConnection* connection);
  void drop_expired();

  net::Dialer& dialer_;
  Clock& clock_;
  net::Endpoint endpoint_;
  std::size_t resting_max_;
  Duration rest_max_;
  std::vector<Resting> resting_;  // the longest first
  Timer expiry_;
  bool expiry_is_armed_ = false;
  Pool<ClientWorkspace> workspaces_;
};

}  // namespace promfleet::http
