// A service manager for tests: hears what a NotifySocket says.
#pragma once

#include <string>
#include <vector>

#include <boost/asio/basic_datagram_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/local/datagram_protocol.hpp>

#include "core/async/task.h"

namespace promfleet {

class NotifyListener {
 public:
  // `address` as in NotifySocket.
  NotifyListener(Executor executor, std::string address) : socket_(executor, asio::local::datagram_protocol()) {
    if (address[0] == '@') address[0] = '\0';
    socket_.bind(asio::local::datagram_protocol::endpoint(address));
    socket_.non_blocking(true);
  }

  // What was said since the last call, a datagram each.
  std::vector<std::string> heard() {
    std::vector<std::string> messages;
    boost::system::error_code error;
    std::string bytes(4096, '\0');
    while (true) {
      const std::size_t size = socket_.receive(asio::buffer(bytes), 0, error);
      if (error) return messages;
      messages.push_back(bytes.substr(0, size));
    }
  }

 private:
  asio::basic_datagram_socket<asio::local::datagram_protocol, Executor> socket_;
};

}  // namespace promfleet
