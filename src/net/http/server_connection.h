// One connection of a server: reads request after request, and is the exchange that the handler sees of each.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/buffer.hpp>

#include "net/http/body_writer.h"
#include "net/http/exchange.h"
#include "net/http/head_writer.h"
#include "net/http/http_date.h"
#include "net/http/parser.h"
#include "net/http/pool.h"
#include "net/http/read_buffer.h"
#include "net/http/server.h"

namespace promfleet::http {

// What one request needs and an idle connection does not.
struct ServerWorkspace {
  explicit ServerWorkspace(HeadLimits limits) : parser(limits) {}
  std::size_t bytes() const {
    return sizeof(*this) + buffer.capacity() + body.capacity() + request.target.capacity() +
           request.fields.capacity_bytes();
  }
  void clear() {
    buffer.clear();
    request.target.clear();
    request.fields.clear();
  }

  ReadBuffer buffer;
  RequestParser parser;
  Request request;
  BodyWriter body;  // of the answer
};

// What the connections of a server have in common.
struct ServerShared {
  Clock& clock;
  Log log;
  Handler handler;
  ServerLimits limits;
  Pool<ServerWorkspace> workspaces;
  HttpDateCache date;
  std::list<class ServerConnection*> waiting;  // for their peers, the longest first
  std::size_t waiting_bytes = 0;               // that those keep meanwhile
  ConnectionNumber last_connection;
};

class ServerConnection final : public Exchange {
 public:
  // `tls`: the handshake comes first.
  ServerConnection(ServerShared& shared, std::unique_ptr<net::Stream> stream, std::optional<net::TlsContext> tls)
      : shared_(shared),
        number_(ConnectionNumber(shared.last_connection.value() + 1)),
        stream_(std::move(stream)),
        tls_(std::move(tls)) {
    shared_.last_connection = number_;
  }

  // Until the connection ends.
  Task<> run();
  // No request after the one that is being answered. An idle connection is closed at once.
  void stop();
  // At once, whatever it waits for.
  void cut();

  const Request& request() const override { return workspace_->request; }
  std::string peer_address() const override { return stream_->peer_address(); }
  ConnectionNumber connection() const override { return number_; }
  bool is_tls() const override { return tls_.has_value(); }
  bool has_body() const override;
  std::optional<std::uint64_t> body_bytes() const override;
  Task<Result<std::string>> read_body(std::size_t bytes_max) override;
  Task<Result<std::string_view>> read_some() override;
  Task<Result<>> respond(Response response) override;
  Task<Result<>> begin(Response head, std::string_view first_piece) override;
  Task<Result<>> write(std::string_view piece) override;
  Task<Result<>> end(std::string_view last_piece) override;
  void when_gone(std::function<void()> on_gone) override;

 private:
  enum class Stage : std::uint8_t { unanswered, streaming, answered, broken };

  Task<Result<>> handshake();
  Task<Result<>> wait_for_request();
  // While it lives, this connection is in the list of those that wait for their peers.
  class WaitingForPeer {
   public:
    explicit WaitingForPeer(ServerConnection& connection);
    ~WaitingForPeer() { connection_.wait_no_more(); }
    WaitingForPeer(const WaitingForPeer&) = delete;
    WaitingForPeer& operator=(const WaitingForPeer&) = delete;

   private:
    ServerConnection& connection_;
  };
  bool is_waiting() const { return place_.empty(); }
  bool is_between_requests() const { return is_waiting() && !workspace_; }
  void wait_no_more();
  void keep_bound_of_waiting();
  Task<Result<>> read_head();
  Task<Result<>> finish_exchange();
  Task<Result<>> refuse(Rejection rejection);
  Task<Result<>> drain();
  Task<> say_goodbye();

  enum class Keeping : std::uint8_t { if_possible, never };
  // Writes the head, and makes ready for the body that it announces.
  void start_answer(Stage stage, const Response& head, Framing framing, Keeping keeping);
  Framing framing_of_stream(const Response& head) const;
  bool has_answer_body(const Response& head) const;
  bool can_keep_alive() const;
  void watch_peer();

  Task<Result<>> send(Result<BodyWriter::Buffers> buffers);
  Task<Result<>> send_rest(std::span<asio::const_buffer> buffers);
  Result<std::size_t> take_in(std::size_t bytes_max);

  ServerShared& shared_;
  ConnectionNumber number_;
  std::unique_ptr<net::Stream> stream_;
  std::optional<net::TlsContext> tls_;
  std::unique_ptr<ServerWorkspace> workspace_;
  std::function<void()> on_gone_;
  // This connection's node in the list of those that wait, which is kept here while it does not.
  std::list<ServerConnection*> place_{this};
  std::list<ServerConnection*>::iterator node_ = place_.begin();
  std::size_t waiting_bytes_ = 0;  // that it keeps while it waits
  Stage stage_ = Stage::unanswered;
  std::optional<Rejection> bad_body_;  // of the request
  BootTime body_until_ = kNever;
  bool owes_continue_ = false;  // the client waits for "100 Continue"
  bool keeps_alive_ = false;
  bool is_stopping_ = false;
};

}  // namespace promfleet::http
