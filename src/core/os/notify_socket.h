// Where a service manager listens for what its services say of themselves: systemd's protocol, without its library.
//
// A message is one datagram of assignments, one a line: "READY=1\nSTATUS=follows prometheus-0" (sd_notify(3)).
//
// Thread safety: none.
#pragma once

#include <string>

#include <boost/asio/basic_datagram_socket.hpp>
#include <boost/asio/local/datagram_protocol.hpp>

#include "core/async/task.h"

namespace promfleet {

class NotifySocket {
 public:
  // `address` is $NOTIFY_SOCKET: the path of a Unix socket, or "@name" in the abstract namespace. invalid_input where
  // it is neither.
  static Result<NotifySocket> open(Executor executor, const std::string& address);

  // Never waits. Errc::unavailable: the manager has not read what it was told before.
  Result<> send(const std::string& message);

 private:
  using Protocol = asio::local::datagram_protocol;
  using Socket = asio::basic_datagram_socket<Protocol, Executor>;

  NotifySocket(Socket socket, Protocol::endpoint manager) : socket_(std::move(socket)), manager_(std::move(manager)) {}

  Socket socket_;
  Protocol::endpoint manager_;
};

}  // namespace promfleet
