#include "net/http/server_connection.h"

#include <algorithm>
#include <array>

#include "core/base/assert.h"
#include "core/base/try.h"
#include "net/stream/tls_stream.h"

namespace promfleet::http {

namespace {

// Of a request's body that nobody wanted: read rather than closing the connection, if it is no longer.
constexpr std::size_t kDrainBytesMax = 256 * 1024;

// How long a client has to read a refusal before the connection is closed under what it still sends.
constexpr Duration kLingerMax = 1s;

constexpr Rejection kTooSlow{408, "the request did not arrive in time"};

// Of what comes with a body: the extensions of a chunk, the trailers.
constexpr Rejection kTooLong{431, "a chunk's head or the trailers are too long"};

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

asio::const_buffer buffer_of(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

Task<> ServerConnection::run() {
  Result<> going = co_await handshake();
  while (going && !is_stopping_) {
    going = co_await wait_for_request();
    if (going) going = co_await read_head();
    if (!going) break;
    co_await shared_.handler(*this);
    on_gone_ = nullptr;
    stream_->watch(nullptr);
    const bool is_over = stage_ == Stage::answered && keeps_alive_ && workspace_->parser.is_done();
    if (!is_over) going = co_await finish_exchange();
  }
  if (workspace_) shared_.workspaces.give(std::move(workspace_));
}

void ServerConnection::stop() {
  is_stopping_ = true;
  if (is_between_requests()) cut();
}

void ServerConnection::cut() {
  wait_no_more();
  stream_->close();
}

ServerConnection::WaitingForPeer::WaitingForPeer(ServerConnection& connection) : connection_(connection) {
  std::list<ServerConnection*>& waiting = connection_.shared_.waiting;
  waiting.splice(waiting.end(), connection_.place_);
  if (connection_.workspace_) connection_.keep_bound_of_waiting();
}

// Who has waited the longest goes, as at the limit of connections. The idle ones keep nothing.
void ServerConnection::keep_bound_of_waiting() {
  waiting_bytes_ = workspace_->bytes();
  shared_.waiting_bytes += waiting_bytes_;
  while (shared_.waiting_bytes > shared_.limits.waiting_bytes_max) {
    const auto keeps_bytes = [](const ServerConnection* connection) { return connection->waiting_bytes_ > 0; };
    (*std::ranges::find_if(shared_.waiting, keeps_bytes))->cut();
  }
}

void ServerConnection::wait_no_more() {
  if (!is_waiting()) return;
  place_.splice(place_.end(), shared_.waiting, node_);
  shared_.waiting_bytes -= std::exchange(waiting_bytes_, 0);
}

Task<Result<>> ServerConnection::handshake() {
  if (!tls_) co_return Result<>();
  stream_->expires_at(shared_.clock.now() + shared_.limits.handshake_time_max);
  const WaitingForPeer waiting(*this);
  Result<> secured = co_await net::tls_accept(stream_, *tls_);
  if (!secured) {
    shared_.log.debug("TLS handshake failed", {{"peer", stream_->peer()}, {"err", secured.error()}});
  }
  co_return secured;
}

Task<Result<>> ServerConnection::wait_for_request() {
  stream_->expires_at(shared_.clock.now() + shared_.limits.idle_max);
  while (!workspace_ || workspace_->buffer.unread().empty()) {
    if (workspace_) shared_.workspaces.give(std::move(workspace_));
    {
      const WaitingForPeer waiting(*this);
      CO_TRY(co_await stream_->readable());
    }
    workspace_ = shared_.workspaces.take();
    CO_TRY(take_in(shared_.limits.head_bytes_max + 1));
  }
  co_return Result<>();
}

Task<Result<>> ServerConnection::read_head() {
  const std::size_t bytes_max = shared_.limits.head_bytes_max + 1;
  RequestParser& parser = workspace_->parser;
  parser.start(BodyRule::as_told);
  bool has_deadline = false;
  while (true) {
    const auto head = parser.parse_head(workspace_->buffer.unread(), workspace_->request);
    if (!head) co_return co_await refuse(head.error());
    if (*head > 0) {
      workspace_->buffer.consume(*head);
      stage_ = Stage::unanswered;
      bad_body_.reset();
      if (shared_.limits.body_time_max) body_until_ = shared_.clock.now() + *shared_.limits.body_time_max;
      owes_continue_ = parser.expects_continue() && !parser.is_done();
      co_return Result<>();
    }
    CO_TRY_ASSIGN(const std::size_t bytes, take_in(bytes_max));
    if (bytes > 0) continue;
    if (!has_deadline) stream_->expires_at(shared_.clock.now() + shared_.limits.head_time_max);
    has_deadline = true;
    const WaitingForPeer waiting(*this);
    const Result<> readable = co_await stream_->readable();
    if (!readable && readable.error().code() == Errc::timed_out) co_return co_await refuse(kTooSlow);
    CO_TRY(readable);
  }
}

Result<std::size_t> ServerConnection::take_in(std::size_t bytes_max) {
  const std::span<char> room = workspace_->buffer.room(bytes_max);
  if (room.empty()) return fail(Errc::limit_exceeded, "a part of the request is longer than {} bytes", bytes_max);
  TRY_ASSIGN(const std::size_t bytes, stream_->try_read(room));
  workspace_->buffer.filled(bytes);
  return bytes;
}

bool ServerConnection::has_body() const {
  return workspace_->parser.framing().body != Framing::Body::none;
}

std::optional<std::uint64_t> ServerConnection::body_bytes() const {
  const Framing framing = workspace_->parser.framing();
  return framing.body == Framing::Body::chunked ? std::nullopt : std::optional(framing.bytes);
}

Task<Result<std::string>> ServerConnection::read_body(std::size_t bytes_max) {
  std::string body;
  if (body_bytes().value_or(0) > bytes_max) co_return fail(Errc::limit_exceeded, "the body is too long");
  while (true) {
    CO_TRY_ASSIGN(const std::string_view piece, co_await read_some());
    if (piece.empty()) co_return body;
    if (body.size() + piece.size() > bytes_max) co_return fail(Errc::limit_exceeded, "the body is too long");
    body.append(piece);
  }
}

Task<Result<std::string_view>> ServerConnection::read_some() {
  RequestParser& parser = workspace_->parser;
  while (!parser.is_done()) {
    if (bad_body_) co_return fail(Errc::protocol, "{}", bad_body_->reason);
    const auto step = parser.parse_body(workspace_->buffer.unread());
    if (!step) {
      bad_body_ = step.error();
      continue;
    }
    workspace_->buffer.consume(step->consumed);
    if (parser.is_done()) watch_peer();
    if (!step->piece.empty()) co_return step->piece;
    if (parser.is_done()) break;
    const Result<std::size_t> bytes = take_in(ReadBuffer::kBodyBytes);
    if (!bytes && bytes.error().code() == Errc::limit_exceeded) bad_body_ = kTooLong;
    CO_TRY(bytes);
    if (*bytes > 0) continue;
    if (std::exchange(owes_continue_, false)) CO_TRY(co_await send(BodyWriter::Buffers{buffer_of(kContinue)}));
    stream_->expires_at(std::min(body_until_, shared_.clock.now() + shared_.limits.body_idle_max));
    const WaitingForPeer waiting(*this);
    const Result<> readable = co_await stream_->readable();
    if (!readable && readable.error().code() == Errc::timed_out) bad_body_ = kTooSlow;
    CO_TRY(readable);
  }
  co_return std::string_view();
}

void ServerConnection::when_gone(std::function<void()> on_gone) {
  on_gone_ = std::move(on_gone);
  // While there is a body to read, reading tells.
  if (workspace_->parser.is_done()) watch_peer();
}

void ServerConnection::watch_peer() {
  if (!on_gone_) return;
  stream_->watch([this](net::PeerEvent event) {
    if (event == net::PeerEvent::left && on_gone_) std::exchange(on_gone_, nullptr)();
  });
}

Task<Result<>> ServerConnection::respond(Response response) {
  Framing framing{.body = Framing::Body::sized, .bytes = response.body.size()};
  if (is_bodiless(response.status)) framing = {};
  start_answer(Stage::answered, response, framing, Keeping::if_possible);
  co_return co_await send(workspace_->body.last(response.body));
}

Task<Result<>> ServerConnection::begin(Response head, std::string_view first_piece) {
  start_answer(Stage::streaming, head, framing_of_stream(head), Keeping::if_possible);
  return send(workspace_->body.piece(first_piece));
}

Task<Result<>> ServerConnection::write(std::string_view piece) {
  ASSERT(stage_ == Stage::streaming || stage_ == Stage::broken);
  if (piece.empty()) co_return Result<>();
  co_return co_await send(workspace_->body.piece(piece));
}

Task<Result<>> ServerConnection::end(std::string_view last_piece) {
  ASSERT(stage_ == Stage::streaming || stage_ == Stage::broken);
  if (stage_ == Stage::streaming) stage_ = Stage::answered;
  return send(workspace_->body.last(last_piece));
}

Framing ServerConnection::framing_of_stream(const Response& head) const {
  Framing framing;
  if (head.status != 204) framing = announced_framing(head.fields);
  if (!has_answer_body(head) || framing.body == Framing::Body::sized) return framing;
  framing.body = workspace_->parser.is_http_1_1() ? Framing::Body::chunked : Framing::Body::until_close;
  return framing;
}

void ServerConnection::start_answer(Stage stage, const Response& head, Framing framing, Keeping keeping) {
  // A "100 Continue" that did not arrive has broken the connection already, which send() says.
  ASSERT(stage_ == Stage::unanswered || stage_ == Stage::broken);
  if (stage_ == Stage::broken) return;
  stage_ = stage;
  keeps_alive_ = keeping == Keeping::if_possible && can_keep_alive() && framing.body != Framing::Body::until_close;
  ConnectionField field = ConnectionField::none;
  if (!keeps_alive_) field = ConnectionField::close;
  if (keeps_alive_ && !workspace_->parser.is_http_1_1()) field = ConnectionField::keep_alive;
  std::string& out = workspace_->body.start(has_answer_body(head) ? framing : Framing());
  append_head(out, head, shared_.date.at(shared_.clock.wall_now()), framing, field);
}

bool ServerConnection::has_answer_body(const Response& head) const {
  return request().method != "HEAD" && !is_bodiless(head.status);
}

// A client that waits for "100 Continue" and gets an answer instead may send its body or not: nobody can tell what
// comes next on this connection.
bool ServerConnection::can_keep_alive() const {
  const RequestParser& parser = workspace_->parser;
  const bool ends_soon = parser.is_done() || (!owes_continue_ && parser.framing().bytes <= kDrainBytesMax);
  return !is_stopping_ && parser.keeps_alive() && !bad_body_ && ends_soon;
}

Task<Result<>> ServerConnection::send(Result<BodyWriter::Buffers> buffers) {
  if (stage_ == Stage::broken) co_return fail(Errc::unreachable, "the connection to the client is broken");
  const Stage stage_when_sent = std::exchange(stage_, Stage::broken);
  CO_TRY_ASSIGN(BodyWriter::Buffers all, std::move(buffers));
  CO_TRY_ASSIGN(const std::span<asio::const_buffer> left, stream_->write_now(all));
  if (!left.empty()) CO_TRY(co_await send_rest(left));
  stage_ = stage_when_sent;
  co_return Result<>();
}

Task<Result<>> ServerConnection::send_rest(std::span<asio::const_buffer> buffers) {
  while (!buffers.empty()) {
    stream_->expires_at(shared_.clock.now() + shared_.limits.body_idle_max);
    const WaitingForPeer waiting(*this);
    CO_TRY(co_await stream_->writable());
    CO_TRY_ASSIGN(buffers, stream_->write_now(buffers));
  }
  co_return Result<>();
}

Task<Result<>> ServerConnection::finish_exchange() {
  if (stage_ == Stage::unanswered) {
    const Rejection reason = bad_body_.value_or(Rejection{500, "the server has no answer to this request"});
    CO_TRY(co_await respond(text_response(reason.status, reason.reason)));
  }
  if (stage_ != Stage::answered) co_return fail(Errc::closed, "the answer was cut off");
  if (keeps_alive_ && co_await drain()) co_return Result<>();
  co_await say_goodbye();
  co_return fail(Errc::closed, "the connection is not kept");
}

Task<Result<>> ServerConnection::drain() {
  std::size_t bytes = 0;
  while (!workspace_->parser.is_done()) {
    CO_TRY_ASSIGN(const std::string_view piece, co_await read_some());
    bytes += piece.size();
    if (bytes > kDrainBytesMax) co_return fail(Errc::limit_exceeded, "the client sends too much");
  }
  co_return Result<>();
}

Task<Result<>> ServerConnection::refuse(Rejection rejection) {
  shared_.log.debug("refused a request", {{"peer", stream_->peer()}, {"err", rejection.reason}});
  const Response response = text_response(rejection.status, rejection.reason);
  stage_ = Stage::unanswered;
  bad_body_ = rejection;
  workspace_->request.method.clear();  // of the request before this one
  const Framing framing{.body = Framing::Body::sized, .bytes = response.body.size()};
  start_answer(Stage::answered, response, framing, Keeping::never);
  CO_TRY(co_await send(workspace_->body.last(response.body)));
  co_await say_goodbye();
  co_return fail(Errc::protocol, "{}", rejection.reason);
}

// Closing a socket on which unread bytes wait resets the connection, and the client may lose the answer. So the client
// is told that no more comes, and what it still sends is thrown away for a moment.
Task<> ServerConnection::say_goodbye() {
  stream_->expires_at(shared_.clock.now() + kLingerMax);
  Result<> going = co_await stream_->shutdown();
  const bool is_all_read = !bad_body_ && workspace_->parser.is_done() && workspace_->buffer.unread().empty();
  std::array<char, 4096> thrown_away;
  while (going && !is_all_read) {
    const Result<std::size_t> bytes = stream_->try_read(thrown_away);
    if (!bytes) break;
    if (*bytes == 0) going = co_await stream_->readable();
  }
}

}  // namespace promfleet::http
