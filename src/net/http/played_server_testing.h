// An HTTP server that a test plays exchange by exchange, in simulated time: for tests of what speaks HTTP to others.
// It is also the dialer that leads to it, whatever the host.
//
//   server.start([&]() -> Task<> { answer = co_await client.get(name, server.clock.now() + 5s); });
//   EXPECT_THAT(server.heard(0), StartsWith("GET /apis"));
//   server.answer(0, 200, "{}");
#pragma once

#include <array>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/async/task_scope.h"
#include "core/os/simulated_clock.h"
#include "net/stream/dialer.h"
#include "net/stream/memory_stream.h"

namespace promfleet::http {

class PlayedServer final : public net::Dialer {
 public:
  // Whatever was started ends, as cancelled if need be. A fixture calls it before the members that tasks use go.
  void close() {
    tasks_.cancel();
    pass();
    EXPECT_EQ(tasks_.running(), 0u);
  }

  // Runs `body` until it waits for an answer or for time.
  void start(std::function<Task<>()> body) {
    bodies_.push_back(std::move(body));
    tasks_.spawn(bodies_.back()());
    pass();
  }

  void pass(Duration time = 0s) { clock.advance(io, time); }

  // Connections are counted from 0 in the order of dialling.
  std::size_t connections() const { return accepted_.size(); }

  // What arrived since it was asked last.
  std::string heard(std::size_t connection) {
    std::string text;
    std::array<char, 4096> buffer;
    while (true) {
      const Result<std::size_t> bytes = accepted_.at(connection)->try_read(buffer);
      if (!bytes || *bytes == 0) return text;
      text.append(buffer.data(), *bytes);
    }
  }

  // A whole answer. `fields`: header fields, each with its line break.
  void answer(std::size_t connection, int status, std::string_view body, std::string_view fields = "") {
    write(connection,
          fmt::format("HTTP/1.1 {} X\r\n{}Content-Length: {}\r\n\r\n{}", status, fields, body.size(), body));
  }

  // An answer in pieces.
  void begin(std::size_t connection) { write(connection, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"); }
  void piece(std::size_t connection, std::string_view text) {
    write(connection, fmt::format("{:x}\r\n{}\r\n", text.size(), text));
  }
  void end(std::size_t connection) { write(connection, "0\r\n\r\n"); }

  // From now on connecting to `host` fails.
  void refuse(std::string host, Errc code) { refused_.emplace(std::move(host), code); }

  // The connection breaks.
  void cut(std::size_t connection) {
    accepted_.at(connection).reset();
    pass();
  }

  Task<Result<std::unique_ptr<net::Stream>>> dial(const net::Endpoint& endpoint, BootTime) override {
    const auto refused = refused_.find(endpoint.host);
    if (refused != refused_.end()) co_return fail(refused->second, "{}: no connection", endpoint.host);
    auto [here, there] = net::memory_stream_pair(io.get_executor(), clock);
    accepted_.push_back(std::move(here));
    co_return std::move(there);
  }

  asio::io_context io;
  SimulatedClock clock;

 private:
  void write(std::size_t connection, std::string_view text) {
    const std::array buffers{asio::const_buffer(text.data(), text.size())};
    const Result<std::size_t> written = accepted_.at(connection)->try_write(buffers);
    EXPECT_TRUE(written && *written == text.size());
    pass();
  }

  std::vector<std::unique_ptr<net::Stream>> accepted_;
  std::map<std::string, Errc> refused_;
  std::list<std::function<Task<>()>> bodies_;  // a coroutine uses its closure
  TaskScope tasks_{io.get_executor()};
};

}  // namespace promfleet::http
