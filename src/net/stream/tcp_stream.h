// A TCP connection.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <span>

#include <boost/asio/ip/tcp.hpp>

#include "core/os/clock.h"
#include "net/stream/deadline.h"
#include "net/stream/stream.h"

namespace promfleet::net {

class TcpStream final : public Stream {
 public:
  using Endpoint = asio::ip::tcp::endpoint;

  // `clock` outlives the stream. `unacknowledged_max`: how long bytes that were sent may stay unacknowledged; then the
  // connection is broken. Errors name the peer: unreachable, timed_out, cancelled.
  static Task<Result<std::unique_ptr<Stream>>> connect(Clock& clock, Endpoint peer, BootTime deadline,
                                                       Duration unacknowledged_max);

  // Takes over `fd`, a connected socket that does not block.
  static Result<std::unique_ptr<TcpStream>> adopt(Executor executor, Clock& clock, int fd, Endpoint peer);

  ~TcpStream() override { close(); }

  Result<std::size_t> try_read(std::span<char> into) override;
  Result<std::size_t> try_write(std::span<const asio::const_buffer> buffers) override;
  Task<Result<>> readable() override;
  Task<Result<>> writable() override;
  void expires_at(BootTime deadline) override { deadline_.move_to(deadline); }
  void watch(std::function<void(PeerEvent)> on_event) override;
  Task<Result<>> shutdown() override;
  void close() override;
  std::string peer() const override;
  std::string peer_address() const override { return peer_address_; }

 private:
  using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;

  // A usual request or answer; what is longer is read past it.
  static constexpr std::size_t kReadAheadBytes = 2048;

  // The wait for input that is under way in the event loop, one for the reader and the watch together. It may end after
  // the stream. It takes input in, since a wait that does not would cost a system call to begin with.
  struct Input {
    TcpStream* stream;  // null once closed
    bool is_awaited = false;
    std::array<char, kReadAheadBytes> taken_in;
    std::span<const char> unread;           // of the above
    boost::system::error_code final_error;  // behind them
    std::move_only_function<void()> resume_reader;
    std::function<void(PeerEvent)> on_event;

    void wake_reader();
  };

  TcpStream(Executor executor, Clock& clock, Endpoint peer);

  void await_input();
  void input_has_come(boost::system::error_code error, std::size_t bytes);
  std::size_t read_taken_in(std::span<char> into);
  std::size_t read_past_it(std::span<char> into);
  Task<> next_input();
  void wake_all();
  // How a wait has ended, or that it cannot begin.
  Result<> state(asio::cancellation_type cancelled) const;

  Socket socket_;
  Endpoint peer_;
  std::string peer_address_;  // asked for with every request
  Deadline deadline_;
  std::shared_ptr<Input> input_;
  // The last read took all there was: another before the next wait would be a system call for nothing.
  bool is_drained_ = false;
  int reads_since_wait_ = 0;
};

}  // namespace promfleet::net
