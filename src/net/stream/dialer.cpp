#include "net/stream/dialer.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/try.h"
#include "net/stream/tcp_stream.h"
#include "net/stream/tls_stream.h"

namespace promfleet::net {

namespace {

// An equal share of the time left for each address that is left, so that one that swallows packets does not use up the
// time of the others.
BootTime share_of(BootTime now, BootTime deadline, std::size_t addresses_left) {
  if (deadline == kNever || deadline <= now) return deadline;
  return now + (deadline - now) / addresses_left;
}

Task<Result<std::unique_ptr<Stream>>> connect_to_any(Clock& clock, const Addresses& addresses, std::uint16_t port,
                                                     BootTime deadline, Duration unacknowledged_max) {
  std::optional<Error> worst;  // refused only if every address refuses: then nobody listens there
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const BootTime share = share_of(clock.now(), deadline, addresses.size() - i);
    auto stream = co_await TcpStream::connect(clock, {addresses[i], port}, share, unacknowledged_max);
    if (stream || stream.error().code() == Errc::cancelled) co_return stream;
    if (!worst || stream.error().code() != Errc::refused) worst = std::move(stream).error();
  }
  co_return std::unexpected(worst.value_or(Error(Errc::unreachable, "no address")));
}

}  // namespace

std::string to_string(const Endpoint& endpoint) {
  if (endpoint.host.contains(':')) return fmt::format("[{}]:{}", endpoint.host, endpoint.port);
  return fmt::format("{}:{}", endpoint.host, endpoint.port);
}

Task<Result<std::unique_ptr<Stream>>> NetworkDialer::dial(const Endpoint& endpoint, BootTime deadline) {
  CO_TRY_ASSIGN(const Addresses addresses, co_await resolver_.resolve(endpoint.host, deadline));
  auto stream = co_await connect_to_any(clock_, addresses, endpoint.port, deadline, unacknowledged_max_);
  if (stream && endpoint.transport == Transport::tls) {
    if (!tls_) co_return fail(Errc::invalid_input, "{}: TLS is not configured", to_string(endpoint));
    (*stream)->expires_at(deadline);
    stream = co_await tls_connect(*std::move(stream), *tls_, endpoint.host);
    if (stream) (*stream)->expires_at(kNever);
  }
  if (!stream) co_return std::unexpected(std::move(stream).error().with_context(to_string(endpoint)));
  co_return stream;
}

}  // namespace promfleet::net
