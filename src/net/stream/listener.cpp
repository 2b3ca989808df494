#include "net/stream/listener.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include <boost/asio/ip/tcp.hpp>

#include "core/base/try.h"
#include "net/stream/dialer.h"
#include "net/stream/tcp_stream.h"

namespace promfleet::net {

namespace {

using asio::ip::tcp;

// Without descriptors nothing gets better by trying at once, and little is lost by waiting: the kernel queues.
constexpr Duration kPause = 100ms;

constexpr Duration kResolveTimeMax = 10s;

// What an accept may fail with because of the one connection it was about to return (accept(2), "Error handling").
bool concerns_one_connection(int error_number) {
  switch (error_number) {
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ENETUNREACH: return true;
    default: return false;
  }
}

class TcpListener final : public Listener {
 public:
  TcpListener(Executor executor, Clock& clock, Log log) : acceptor_(executor), clock_(clock), log_(std::move(log)) {}

  Result<> open(const tcp::endpoint& endpoint);

  Task<Result<std::unique_ptr<Stream>>> accept() override;
  void close() override {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
  }
  std::uint16_t port() const override { return port_; }

 private:
  Result<> bind(const tcp::endpoint& endpoint);
  Task<Result<>> wait_for_connection();
  Task<Result<>> pause(int error_number);

  asio::basic_socket_acceptor<tcp, Executor> acceptor_;
  Clock& clock_;
  Log log_;
  std::uint16_t port_ = 0;
  bool is_short_of_something_ = false;
};

// The unspecified IPv6 address takes IPv4 connections, too.
Result<> TcpListener::open(const tcp::endpoint& endpoint) {
  const int fd = ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (fd < 0) return fail_errno("opening a socket", errno);
  boost::system::error_code error;
  acceptor_.assign(endpoint.protocol(), fd, error);
  if (error) {
    ::close(fd);
    return fail(Errc::io_failed, "watching a socket: {}", error.message());
  }
  return bind(endpoint);
}

Result<> TcpListener::bind(const tcp::endpoint& endpoint) {
  const int fd = acceptor_.native_handle();
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (endpoint.address().is_v6()) {
    const int is_v6_only = endpoint.address().is_unspecified() ? 0 : 1;
    ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &is_v6_only, sizeof is_v6_only);
  }
  if (::bind(fd, endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0 || ::listen(fd, SOMAXCONN) != 0) {
    if (errno == EADDRINUSE) return fail(Errc::conflict, "another process listens there already");
    if (errno == EADDRNOTAVAIL) return fail(Errc::not_found, "this machine has no such address");
    return fail(Errc::io_failed, "{}", std::strerror(errno));
  }
  boost::system::error_code error;
  port_ = acceptor_.local_endpoint(error).port();
  return {};
}

Task<Result<std::unique_ptr<Stream>>> TcpListener::accept() {
  while (true) {
    if (!acceptor_.is_open()) co_return fail(Errc::closed, "the listener was closed");
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    const int fd = ::accept4(acceptor_.native_handle(), reinterpret_cast<sockaddr*>(&address), &size,
                             SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      is_short_of_something_ = false;
      tcp::endpoint peer;
      std::memcpy(peer.data(), &address, size);
      auto stream = TcpStream::adopt(acceptor_.get_executor(), clock_, fd, peer);
      if (stream) co_return *std::move(stream);
      log_.warn("lost a connection", {{"err", stream.error()}});
    } else if (errno == EAGAIN) {
      CO_TRY(co_await wait_for_connection());
    } else if (!concerns_one_connection(errno)) {
      CO_TRY(co_await pause(errno));
    }
  }
}

Task<Result<>> TcpListener::wait_for_connection() {
  if (co_await cancelled()) co_return fail(Errc::cancelled, "cancelled");
  co_await acceptor_.async_wait(tcp::acceptor::wait_read, kAwait);
  if (co_await cancelled()) co_return fail(Errc::cancelled, "cancelled");
  co_return Result<>();
}

Task<Result<>> TcpListener::pause(int error_number) {
  if (!is_short_of_something_) {
    log_.error("cannot accept connections, trying again until it works", {{"err", std::strerror(error_number)}});
  }
  is_short_of_something_ = true;
  co_return co_await sleep_for(clock_, kPause);
}

struct HostAndPort {
  std::string host;  // empty: every address
  std::uint16_t port;
};

Result<HostAndPort> parse_address(std::string_view address) {
  const auto wrong = [address] {
    return fail(Errc::invalid_input, "\"{}\" is not an address to listen on: HOST:PORT or :PORT is wanted", address);
  };
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return wrong();
  std::string_view host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.contains(':')) {
    return wrong();
  }
  const std::string_view digits = address.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size()) return wrong();
  return HostAndPort{.host = std::string(host), .port = port};
}

}  // namespace

Task<Result<std::vector<std::unique_ptr<Listener>>>> listen(std::string address, Resolver& resolver, Clock& clock,
                                                            Log log) {
  CO_TRY_ASSIGN(HostAndPort wanted, parse_address(address));
  const bool is_everywhere = wanted.host.empty();
  Addresses addresses{asio::ip::address_v6::any(), asio::ip::address_v4::any()};
  if (!is_everywhere) {
    CO_TRY_ASSIGN(addresses, co_await resolver.resolve(wanted.host, clock.now() + kResolveTimeMax));
  }
  std::vector<std::unique_ptr<Listener>> listeners;
  std::optional<Error> last_error;
  for (const asio::ip::address& ip : addresses) {
    auto listener = std::make_unique<TcpListener>(co_await asio::this_coro::executor, clock, log);
    if (Result<> opened = listener->open({ip, wanted.port}); !opened) {
      last_error = std::move(opened).error().with_context(fmt::format("listening on {}", address));
      // A machine without IPv6 has no ::1 and no ::; one of the addresses is enough, but none may be taken by others.
      if (last_error->code() == Errc::conflict) break;
      continue;
    }
    wanted.port = listener->port();
    listeners.push_back(std::move(listener));
    last_error.reset();
    if (is_everywhere) break;
  }
  if (last_error && (listeners.empty() || last_error->code() == Errc::conflict)) co_return std::unexpected(*last_error);
  co_return listeners;
}

}  // namespace promfleet::net
