#include "core/os/notify_socket.h"

#include <sys/un.h>

#include <boost/asio/buffer.hpp>

namespace promfleet {

Result<NotifySocket> NotifySocket::open(Executor executor, const std::string& address) {
  if (address.size() < 2 || (address[0] != '/' && address[0] != '@')) {
    return fail(Errc::invalid_input, "NOTIFY_SOCKET={}: neither a path nor @ and a name", address);
  }
  if (address.size() >= sizeof(sockaddr_un::sun_path)) {
    return fail(Errc::invalid_input, "NOTIFY_SOCKET={}: longer than a Unix socket's address can be", address);
  }
  std::string name = address;
  if (name[0] == '@') name[0] = '\0';
  Socket socket(executor);
  boost::system::error_code error;
  socket.open(Protocol(), error);
  if (!error) socket.non_blocking(true, error);
  if (error) return fail_errno("open a Unix socket", error.value());
  return NotifySocket(std::move(socket), Protocol::endpoint(name));
}

Result<> NotifySocket::send(const std::string& message) {
  boost::system::error_code error;
  socket_.send_to(asio::buffer(message), manager_, 0, error);
  if (!error) return {};
  if (error == asio::error::would_block || error == asio::error::no_buffer_space) {
    return fail(Errc::unavailable, "the service manager has not read earlier messages yet");
  }
  return fail_errno("tell the service manager", error.value());
}

}  // namespace promfleet
