#include "net/http/client.h"

#include <utility>

#include "core/base/try.h"
#include "net/http/call.h"
#include "net/http/client_connection.h"

namespace promfleet::http {

Client::Client(net::Dialer& dialer, Clock& clock, Origin origin, ClientLimits limits)
    : clock_(clock),
      origin_(std::move(origin)),
      authority_(origin_.authority()),
      limits_(limits),
      pool_(std::make_unique<ConnectionPool>(dialer, clock, origin_, limits)) {}

Client::~Client() = default;

Task<Result<Response>> Client::send(const Request& request, BootTime deadline) {
  Call call(*this);
  CO_TRY(co_await call.send(request, deadline));
  co_return co_await call.read_whole(limits_.body_bytes_max);
}

Task<Result<>> Client::receive(const Request& request, const OnHead& on_head, const OnData& on_data,
                               Duration idle_max) {
  Call call(*this);
  CO_TRY(co_await call.send(request, clock_.now() + idle_max));
  CO_TRY(on_head(call.answer()));
  while (true) {
    call.expires_at(clock_.now() + idle_max);
    CO_TRY_ASSIGN(const std::string_view piece, co_await call.read_some());
    if (piece.empty()) co_return Result<>();
    CO_TRY(on_data(piece));
  }
}

}  // namespace promfleet::http
