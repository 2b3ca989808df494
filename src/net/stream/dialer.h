// Connects to a host by name.
//
// Thread safety: none; a dialer belongs to one io thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/async/task.h"
#include "core/base/error.h"
#include "core/base/time.h"
#include "core/os/clock.h"
#include "net/resolver/resolver.h"
#include "net/stream/stream.h"
#include "net/tls/context.h"

namespace promfleet::net {

enum class Transport : std::uint8_t { tcp, tls };

struct Endpoint {
  std::string host;  // a name, an IPv4 address or an IPv6 address without brackets
  std::uint16_t port = 0;
  Transport transport = Transport::tcp;
};

// "host:port", an IPv6 address in brackets.
std::string to_string(const Endpoint& endpoint);

class Dialer {
 public:
  virtual ~Dialer() = default;

  // A connected stream without a deadline, after the TLS handshake where the transport asks for one. The error names
  // the endpoint: not_found, refused, unreachable, timed_out, unauthorized (a certificate was refused), cancelled.
  virtual Task<Result<std::unique_ptr<Stream>>> dial(const Endpoint& endpoint, BootTime deadline) = 0;
};

// How long bytes that were sent may stay unacknowledged until the connection counts as dead. A machine acknowledges
// within a round trip, however slow its processes are: so a dead path is told from a slow server, long before the
// deadline of a call, and the call can be repeated.
//
// Bytes that a peer does not take, since its buffers are full, count as unacknowledged too. Where bodies are streamed
// that may last, as long as a peer may do nothing (http::ServerLimits::body_idle_max).
inline constexpr Duration kUnacknowledgedMax = std::chrono::seconds(60);
// Where only small requests are sent: the time of four transmissions.
inline constexpr Duration kSmallRequestUnacknowledgedMax = std::chrono::seconds(3);

// Tries the addresses of both families one after the other. A refused connection moves on at once; a silent one gets
// an equal share of the time that is left.
class NetworkDialer final : public Dialer {
 public:
  // `clock` and `resolver` outlive the dialer and its streams. `tls` is what Transport::tls connections use.
  NetworkDialer(Clock& clock, Resolver& resolver, std::optional<TlsContext> tls = std::nullopt,
                Duration unacknowledged_max = kUnacknowledgedMax)
      : clock_(clock), resolver_(resolver), tls_(std::move(tls)), unacknowledged_max_(unacknowledged_max) {}

  Task<Result<std::unique_ptr<Stream>>> dial(const Endpoint& endpoint, BootTime deadline) override;

  // For connections from now on: renewed certificates.
  void use_tls(TlsContext tls) { tls_ = std::move(tls); }

 private:
  Clock& clock_;
  Resolver& resolver_;
  std::optional<TlsContext> tls_;
  Duration unacknowledged_max_;
};

}  // namespace promfleet::net
