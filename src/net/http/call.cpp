#include "net/http/call.h"

#include <utility>

#include "core/base/try.h"
#include "net/http/client_connection.h"

namespace promfleet::http {

namespace {

bool is_idempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE" || method == "PUT" ||
         method == "DELETE";
}

bool usually_has_body(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

Framing framing_of_whole(const Request& request) {
  if (request.body.empty() && !usually_has_body(request.method)) return {};
  return {.body = Framing::Body::sized, .bytes = request.body.size()};
}

Framing framing_of_stream(const Request& head) {
  const Framing framing = announced_framing(head.fields);
  return framing.body == Framing::Body::none ? Framing{.body = Framing::Body::chunked} : framing;
}

bool is_broken_connection(const Error& error) {
  return error.code() == Errc::closed || error.code() == Errc::unreachable;
}

}  // namespace

Call::Call(Client& client) : client_(client) {}

Call::~Call() {
  if (connection_ && !aborted_) client_.pool_->give_back(std::move(connection_));
}

Task<Result<>> Call::send(const Request& request, BootTime deadline) {
  connection_ = client_.pool_->take_resting();
  if (connection_) {
    Result<> answered = co_await exchange(request, deadline);
    const bool server_had_closed = !answered && is_broken_connection(answered.error()) && !connection_->has_received();
    if (answered || !server_had_closed || !is_idempotent(request.method) || aborted_) {
      co_return explained(std::move(answered));
    }
  }
  CO_TRY(co_await dial(deadline));
  co_return explained(co_await exchange(request, deadline));
}

Task<Result<>> Call::exchange(const Request& request, BootTime deadline) {
  start(request, framing_of_whole(request), deadline);
  CO_TRY(co_await connection_->end(request.body));
  co_return co_await connection_->read_head(answer_);
}

Task<Result<>> Call::begin(const Request& head, BootTime deadline) {
  connection_ = client_.pool_->take_resting();
  if (!connection_) CO_TRY(co_await dial(deadline));
  start(head, framing_of_stream(head), deadline);
  co_return Result<>();
}

Task<Result<>> Call::dial(BootTime deadline) {
  CO_TRY_ASSIGN(connection_, co_await client_.pool_->dial(deadline));
  if (aborted_) co_return fail(Errc::cancelled, "the call was given up");
  co_return Result<>();
}

void Call::start(const Request& head, Framing framing, BootTime deadline) {
  connection_->stream().expires_at(deadline);
  connection_->start(client_.pool_->take_workspace(), head, client_.authority_, framing);
}

Task<Result<>> Call::write(std::string_view piece) {
  if (piece.empty()) co_return Result<>();
  co_return explained(co_await connection_->write(piece));
}

Task<Result<>> Call::end(std::string_view last_piece) {
  co_return explained(co_await connection_->end(last_piece));
}

Task<Result<>> Call::read_head() {
  co_return explained(co_await connection_->read_head(answer_));
}

std::optional<std::uint64_t> Call::body_bytes() const {
  const Framing framing = connection_->parser().framing();
  return framing.body == Framing::Body::sized ? std::optional(framing.bytes) : std::nullopt;
}

Task<Result<Response>> Call::read_whole(std::size_t body_bytes_max) {
  while (true) {
    CO_TRY_ASSIGN(const std::string_view piece, co_await read_some());
    if (piece.empty()) co_return std::move(answer_);
    if (answer_.body.size() + piece.size() > body_bytes_max) {
      co_return fail(Errc::limit_exceeded, "{}: the answer is longer than {} bytes", to_string(client_.origin_),
                     body_bytes_max);
    }
    answer_.body.append(piece);
  }
}

Task<Result<std::string_view>> Call::read_some() {
  co_return explained(co_await connection_->read_some());
}

std::string_view Call::read_buffered() {
  return connection_->read_buffered().value_or(std::string_view());
}

bool Call::is_complete() const {
  return connection_->parser().is_done();
}

void Call::expires_at(BootTime deadline) {
  connection_->stream().expires_at(deadline);
}

void Call::abort() {
  aborted_ = true;
  if (connection_) connection_->stream().close();
}

Error Call::explain(Error error) const {
  if (aborted_) return Error(Errc::cancelled, "the call was given up");
  const Errc code = error.code() == Errc::closed ? Errc::unreachable : error.code();
  return Error(code, std::move(error).with_context(to_string(client_.origin_)).message());
}

}  // namespace promfleet::http
