// One request of a Client and its answer, both as they flow: what Client::send() and receive() are made of, and what a
// proxy uses.
//
//   Call call(client);
//   exchange.when_gone([&call] { call.abort(); });
//   CO_TRY(co_await call.send(request, deadline));                 // the head of the answer is here
//   while (true) {
//     CO_TRY_ASSIGN(const std::string_view piece, co_await call.read_some());
//     if (piece.empty()) break;
//     ...
//   }
//
// A connection whose answer was read to its end goes back to the client's pool; any other is closed by destruction.
//
// The call writes Host (unless the request has one), Content-Length, Transfer-Encoding and Connection itself; those
// three of the request are left out. The answer's fields are as they came.
//
// Thread safety: none. A call does not outlive its client.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/async/task.h"
#include "core/base/error.h"
#include "core/base/time.h"
#include "net/http/client.h"
#include "net/http/framing.h"
#include "net/http/message.h"

namespace promfleet::http {

class ClientConnection;

class Call {
 public:
  explicit Call(Client& client);
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call();

  // Sends `request`, its whole body included, and waits for the head of the answer. If a kept connection fails before
  // the first byte of an answer, an idempotent request (RFC 9110 section 9.2.2) is sent once more on a new one: the
  // server had closed it meanwhile.
  Task<Result<>> send(const Request& request, BootTime deadline);

  // The same in steps, for a body that is not at hand; nothing is sent twice. The head leaves with the first write() or
  // end(). The body has the length that `head`'s Content-Length says (what is written has exactly that length) and is
  // chunked without one. After a failed write, read_head() may still find an early answer.
  Task<Result<>> begin(const Request& head, BootTime deadline);
  Task<Result<>> write(std::string_view piece);
  Task<Result<>> end(std::string_view last_piece = {});
  Task<Result<>> read_head();

  // The answer without its body, after send() or read_head(); the caller may change or take it.
  Response& answer() { return answer_; }
  // The length of its body, if the answer tells.
  std::optional<std::uint64_t> body_bytes() const;

  // The answer with its whole body, after send() or read_head(). Errc::limit_exceeded beyond `body_bytes_max`.
  Task<Result<Response>> read_whole(std::size_t body_bytes_max);
  // The next piece of the body, valid until the next call; empty at its end.
  Task<Result<std::string_view>> read_some();
  // What read_some() would return without waiting, empty if it would wait or fail. What was seen counts as read.
  std::string_view read_buffered();
  // The body has been read to its end.
  bool is_complete() const;

  // From now on; kNever lifts it.
  void expires_at(BootTime deadline);

  // From any point, even while another task waits in this call: it fails with cancelled, the connection is closed.
  void abort();

 private:
  Task<Result<>> dial(BootTime deadline);
  void start(const Request& head, Framing framing, BootTime deadline);
  Task<Result<>> exchange(const Request& request, BootTime deadline);
  Error explain(Error error) const;
  template <class T>
  Result<T> explained(Result<T> result) const {
    return result ? std::move(result) : Result<T>(std::unexpected(explain(std::move(result).error())));
  }

  Client& client_;
  std::unique_ptr<ClientConnection> connection_;
  Response answer_;
  bool aborted_ = false;
};

}  // namespace promfleet::http
