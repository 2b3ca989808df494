#include "net/http/client_connection.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "core/base/try.h"
#include "net/http/head_writer.h"

namespace promfleet::http {

namespace {

// Of buffers kept for the next exchanges.
constexpr std::size_t kWorkspaceBytesMax = 2 * 1024 * 1024;

std::unexpected<Error> fail_malformed(const Rejection& rejection) {
  return fail(Errc::protocol, "the answer is not correct HTTP: {}", rejection.reason);
}

}  // namespace

void ClientConnection::start(std::unique_ptr<ClientWorkspace> workspace, const Request& head,
                             std::string_view authority, Framing framing) {
  workspace_ = std::move(workspace);
  is_ended_ = is_intact_ = has_received_ = false;
  body_rule_ = head.method == "HEAD" ? BodyRule::never : BodyRule::as_told;
  workspace_->parser.start(body_rule_);
  append_head(workspace_->body.start(framing), head, authority, framing);
}

Task<Result<>> ClientConnection::write(std::string_view piece) {
  return send(workspace_->body.piece(piece));
}

Task<Result<>> ClientConnection::end(std::string_view last_piece) {
  is_ended_ = true;
  return send(workspace_->body.last(last_piece));
}

Task<Result<>> ClientConnection::send(Result<BodyWriter::Buffers> buffers) {
  is_intact_ = false;
  CO_TRY_ASSIGN(BodyWriter::Buffers all, std::move(buffers));
  CO_TRY_ASSIGN(const std::span<asio::const_buffer> left, stream_->write_now(all));
  if (!left.empty()) CO_TRY(co_await stream_->write(left));
  is_intact_ = true;
  co_return Result<>();
}

Result<std::size_t> ClientConnection::take_in(std::size_t bytes_max) {
  const std::span<char> room = workspace_->buffer.room(bytes_max);
  if (room.empty()) return fail(Errc::limit_exceeded, "the answer has a part that is longer than {} bytes", bytes_max);
  TRY_ASSIGN(const std::size_t bytes, stream_->try_read(room));
  workspace_->buffer.filled(bytes);
  has_received_ = has_received_ || bytes > 0;
  return bytes;
}

Task<Result<>> ClientConnection::read_head(Response& answer) {
  ReadBuffer& buffer = workspace_->buffer;
  ResponseParser& parser = workspace_->parser;
  while (true) {
    const auto head = parser.parse_head(buffer.unread(), answer);
    if (!head && head.error().status == 431) co_return fail(Errc::limit_exceeded, "the head of the answer is too long");
    if (!head) co_return fail_malformed(head.error());
    buffer.consume(*head);
    if (*head == 0) {
      CO_TRY_ASSIGN(const std::size_t bytes, take_in(parser.head_bytes_max() + 1));
      if (bytes == 0) CO_TRY(co_await stream_->readable());
    } else if (answer.status >= 200) {
      co_return Result<>();
    } else {
      parser.start(body_rule_);  // an interim answer
    }
  }
}

Result<std::string_view> ClientConnection::read_buffered() {
  if (workspace_->parser.is_done()) return std::string_view();
  const auto step = workspace_->parser.parse_body(workspace_->buffer.unread());
  if (!step) return fail_malformed(step.error());
  workspace_->buffer.consume(step->consumed);
  return step->piece;
}

Task<Result<std::string_view>> ClientConnection::read_some() {
  ResponseParser& parser = workspace_->parser;
  while (true) {
    CO_TRY_ASSIGN(const std::string_view piece, read_buffered());
    if (!piece.empty() || parser.is_done()) co_return piece;
    const Result<std::size_t> bytes = take_in(ReadBuffer::kBodyBytes);
    if (!bytes && bytes.error().code() == Errc::closed && parser.finish()) co_return std::string_view();
    if (!bytes) co_return std::unexpected(bytes.error());
    if (*bytes == 0) CO_TRY(co_await stream_->readable());
  }
}

bool ClientConnection::is_reusable() {
  if (!is_ended_ || !is_intact_ || !workspace_->parser.is_done() || !workspace_->parser.keeps_alive()) return false;
  if (!workspace_->buffer.unread().empty()) return false;
  // Unasked bytes that wait inside TLS would be taken for the next answer. Without TLS this is no system call.
  std::array<char, 1> unasked;
  return stream_->try_read(unasked) == 0;
}

ConnectionPool::ConnectionPool(net::Dialer& dialer, Clock& clock, const Origin& origin, const ClientLimits& limits)
    : dialer_(dialer),
      clock_(clock),
      endpoint_{.host = origin.host,
                .port = origin.port,
                .transport = origin.is_tls ? net::Transport::tls : net::Transport::tcp},
      resting_max_(limits.connections_idle_max),
      rest_max_(limits.idle_max),
      workspaces_(kWorkspaceBytesMax, [head = HeadLimits{.head_bytes_max = limits.head_bytes_max}] {
        return std::make_unique<ClientWorkspace>(head);
      }) {}

std::unique_ptr<ClientConnection> ConnectionPool::take_resting() {
  if (resting_.empty()) return nullptr;
  std::unique_ptr<ClientConnection> connection = std::move(resting_.back().connection);
  resting_.pop_back();
  connection->stream().watch(nullptr);
  return connection;
}

Task<Result<std::unique_ptr<ClientConnection>>> ConnectionPool::dial(BootTime deadline) {
  CO_TRY_ASSIGN(std::unique_ptr<net::Stream> stream, co_await dialer_.dial(endpoint_, deadline));
  co_return std::make_unique<ClientConnection>(std::move(stream));
}

void ConnectionPool::give_back(std::unique_ptr<ClientConnection> connection) {
  const bool is_reusable = connection->is_reusable();
  workspaces_.give(connection->finish());
  if (!is_reusable && !connection->has_received()) resting_.clear();
  if (!is_reusable || resting_max_ == 0) return;
  if (resting_.size() == resting_max_) resting_.erase(resting_.begin());
  connection->stream().expires_at(kNever);
  connection->stream().watch([this, raw = connection.get()](net::PeerEvent) { drop(raw); });
  resting_.push_back({.connection = std::move(connection), .since = clock_.now()});
  if (!expiry_is_armed_) drop_expired();
}

void ConnectionPool::drop(const ClientConnection* connection) {
  std::erase_if(resting_, [connection](const Resting& resting) { return resting.connection.get() == connection; });
}

void ConnectionPool::drop_expired() {
  const BootTime now = clock_.now();
  std::erase_if(resting_, [&](const Resting& resting) { return now - resting.since >= rest_max_; });
  expiry_is_armed_ = !resting_.empty();
  if (expiry_is_armed_) expiry_ = clock_.call_at(resting_.front().since + rest_max_, [this] { drop_expired(); });
}

}  // namespace promfleet::http
