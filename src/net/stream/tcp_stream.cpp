#include "net/stream/tcp_stream.h"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/post.hpp>

#include "core/base/try.h"

namespace promfleet::net {

namespace {

// More buffers than any message of ours has; the rest would go in a second call.
constexpr std::size_t kBuffersMax = 16;

// Then the reader has to wait, if only for its turn, so that a fast peer does not keep the thread to itself.
constexpr int kReadsPerTurn = 16;

constexpr asio::use_awaitable_t<Executor> kResume{};

bool would_wait(int error_number) {
  return error_number == EAGAIN || error_number == EWOULDBLOCK;
}

std::unexpected<Error> fail_connection(int error_number) {
  if (error_number == ECONNRESET || error_number == EPIPE) {
    return fail(Errc::unreachable, "the peer has reset the connection");
  }
  return fail(Errc::unreachable, "the connection broke: {}", std::strerror(error_number));
}

std::unexpected<Error> fail_reading(boost::system::error_code error) {
  if (error == asio::error::eof) return fail(Errc::closed, "the peer has closed the connection");
  return fail_connection(error.value());
}

std::unexpected<Error> fail_connecting(int error_number) {
  const Errc code = error_number == ECONNREFUSED ? Errc::refused : Errc::unreachable;
  return fail(code, "connecting: {}", std::strerror(error_number));
}

std::unexpected<Error> fail_closed() {
  return fail(Errc::unreachable, "the connection was closed on our side");
}

// After connecting, for which the caller has a deadline of its own.
void limit_unacknowledged(int fd, Duration duration) {
  const auto milliseconds =
      static_cast<unsigned>(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
  ::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
}

asio::ip::address without_mapping(const asio::ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
}

}  // namespace

TcpStream::TcpStream(Executor executor, Clock& clock, Endpoint peer)
    : socket_(executor),
      peer_(without_mapping(peer.address()), peer.port()),
      peer_address_(peer_.address().to_string()),
      deadline_(clock, [this] { wake_all(); }),
      input_(std::make_shared<Input>(this)) {}

Result<std::unique_ptr<TcpStream>> TcpStream::adopt(Executor executor, Clock& clock, int fd, Endpoint peer) {
  std::unique_ptr<TcpStream> stream(new TcpStream(executor, clock, peer));
  boost::system::error_code error;
  stream->socket_.assign(peer.protocol(), fd, error);
  if (error) {
    ::close(fd);
    return fail(Errc::io_failed, "watching a connection to {}: {}", stream->peer(), error.message());
  }
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return stream;
}

Task<Result<std::unique_ptr<Stream>>> TcpStream::connect(Clock& clock, Endpoint peer, BootTime deadline,
                                                         Duration unacknowledged_max) {
  const Executor executor = co_await asio::this_coro::executor;
  const int fd = ::socket(peer.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (fd < 0) co_return fail_errno("opening a socket", errno);
  CO_TRY_ASSIGN(std::unique_ptr<TcpStream> stream, adopt(executor, clock, fd, peer));
  if (::connect(fd, peer.data(), static_cast<socklen_t>(peer.size())) != 0) {
    if (errno != EINPROGRESS) co_return fail_connecting(errno);
    stream->expires_at(deadline);
    CO_TRY(co_await stream->writable());
    int error_number = 0;
    socklen_t size = sizeof error_number;
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error_number, &size);
    if (error_number != 0) co_return fail_connecting(error_number);
  }
  limit_unacknowledged(fd, unacknowledged_max);
  // Out of the event loop and in again: having waited for output once, it would report output with every input.
  boost::system::error_code error;
  co_return adopt(executor, clock, stream->socket_.release(error), peer);
}

Result<std::size_t> TcpStream::try_read(std::span<char> into) {
  if (!socket_.is_open()) return fail_closed();
  std::size_t bytes = read_taken_in(into);
  bytes += read_past_it(into.subspan(bytes));
  if (bytes == 0 && input_->final_error) return fail_reading(input_->final_error);
  return bytes;
}

std::size_t TcpStream::read_taken_in(std::span<char> into) {
  std::span<const char>& unread = input_->unread;
  const std::size_t bytes = std::min(into.size(), unread.size());
  std::ranges::copy(unread.first(bytes), into.begin());
  unread = unread.subspan(bytes);
  return bytes;
}

std::size_t TcpStream::read_past_it(std::span<char> into) {
  // What a wait takes in comes before whatever could be read here.
  if (into.empty() || is_drained_ || input_->is_awaited || input_->final_error) return 0;
  if (++reads_since_wait_ > kReadsPerTurn) return 0;
  const ssize_t bytes = ::recv(socket_.native_handle(), into.data(), into.size(), 0);
  if (bytes == 0) input_->final_error = asio::error::eof;
  if (bytes < 0 && !would_wait(errno)) input_->final_error.assign(errno, boost::system::system_category());
  is_drained_ = !input_->final_error && bytes < static_cast<ssize_t>(into.size());
  return static_cast<std::size_t>(std::max<ssize_t>(bytes, 0));
}

Result<std::size_t> TcpStream::try_write(std::span<const asio::const_buffer> buffers) {
  if (!socket_.is_open()) return fail_closed();
  std::array<iovec, kBuffersMax> pieces;
  const std::size_t count = std::min(buffers.size(), kBuffersMax);
  for (std::size_t i = 0; i < count; ++i) {
    pieces[i] = {.iov_base = const_cast<void*>(buffers[i].data()), .iov_len = buffers[i].size()};
  }
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = count;
  const ssize_t bytes = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL);
  if (bytes >= 0) return static_cast<std::size_t>(bytes);
  if (would_wait(errno)) return 0;
  return fail_connection(errno);
}

Task<Result<>> TcpStream::readable() {
  CO_TRY(state((co_await asio::this_coro::cancellation_state).cancelled()));
  const Deadline::Wait waiting(deadline_);
  co_await next_input();
  co_return state((co_await asio::this_coro::cancellation_state).cancelled());
}

Task<Result<>> TcpStream::writable() {
  CO_TRY(state((co_await asio::this_coro::cancellation_state).cancelled()));
  const Deadline::Wait waiting(deadline_);
  co_await socket_.async_wait(Socket::wait_write, kAwait);
  co_return state((co_await asio::this_coro::cancellation_state).cancelled());
}

Result<> TcpStream::state(asio::cancellation_type cancelled) const {
  if (cancelled != asio::cancellation_type::none) return fail(Errc::cancelled, "cancelled");
  if (deadline_.expired()) return fail(Errc::timed_out, "no answer from {} in time", peer());
  if (!socket_.is_open()) return fail_closed();
  return {};
}

// Asio's own wait would do, but a watch beside it would be a second operation, which costs a round of the event loop.
Task<> TcpStream::next_input() {
  return asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(
      [this](auto handler) {
        auto slot = asio::get_associated_cancellation_slot(handler);
        if (slot.is_connected()) {
          slot.assign([input = input_, executor = socket_.get_executor()](asio::cancellation_type) {
            asio::post(executor, [input] { input->wake_reader(); });
          });
        }
        input_->resume_reader = std::move(handler);
        await_input();
      },
      kResume);
}

void TcpStream::await_input() {
  if (std::exchange(input_->is_awaited, true)) return;
  auto end = [input = input_](boost::system::error_code error, std::size_t bytes) {
    input->is_awaited = false;
    if (input->stream != nullptr) input->stream->input_has_come(error, bytes);
    input->wake_reader();
  };
  if (!input_->unread.empty() || input_->final_error) {
    asio::post(socket_.get_executor(), [end = std::move(end)] { end({}, 0); });
  } else {
    socket_.async_receive(asio::buffer(input_->taken_in), std::move(end));
  }
}

void TcpStream::input_has_come(boost::system::error_code error, std::size_t bytes) {
  if (error == asio::error::operation_aborted) {  // the reader's time was up; the watch's is not
    if (input_->on_event) await_input();
    return;
  }
  if (bytes > 0) input_->unread = std::span(input_->taken_in).first(bytes);
  if (error) input_->final_error = error;
  is_drained_ = bytes > 0 && bytes < kReadAheadBytes;
  reads_since_wait_ = 0;
  if (!input_->on_event) return;
  const bool has_been_read = input_->unread.empty() && !input_->final_error;
  if (has_been_read) return await_input();
  const auto on_event = std::exchange(input_->on_event, nullptr);
  on_event(input_->unread.empty() ? PeerEvent::left : PeerEvent::sent_data);
}

void TcpStream::Input::wake_reader() {
  if (resume_reader) std::exchange(resume_reader, nullptr)();
}

// From the event loop, not from inside the caller.
void TcpStream::wake_all() {
  boost::system::error_code ignored;
  socket_.cancel(ignored);
  asio::post(socket_.get_executor(), [input = input_] { input->wake_reader(); });
}

void TcpStream::watch(std::function<void(PeerEvent)> on_event) {
  input_->on_event = std::move(on_event);
  if (input_->on_event && socket_.is_open()) await_input();
}

Task<Result<>> TcpStream::shutdown() {
  if (socket_.is_open()) ::shutdown(socket_.native_handle(), SHUT_WR);
  co_return Result<>();
}

void TcpStream::close() {
  input_->stream = nullptr;
  input_->on_event = nullptr;
  boost::system::error_code ignored;
  socket_.close(ignored);
}

std::string TcpStream::peer() const {
  if (peer_.address().is_v6()) return fmt::format("[{}]:{}", peer_address_, peer_.port());
  return fmt::format("{}:{}", peer_address_, peer_.port());
}

}  // namespace promfleet::net
