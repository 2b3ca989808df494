// A connection, whatever carries it: TCP, TLS over TCP, or a test's memory.
//
// What differs between them are two calls that never wait, try_read() and try_write(), and the wait for readiness; the
// loops around them are written once. So Asio's templates stay in two files, and a read or write that is ready costs
// one system call and no trip through the event loop.
//
// Thread safety: none; a stream lives on the io thread that made it. One task may read while another writes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include <boost/asio/buffer.hpp>

#include "core/async/task.h"
#include "core/base/error.h"
#include "core/base/time.h"

namespace promfleet::net {

// What a peer did that was being watched.
enum class PeerEvent : std::uint8_t { sent_data, left };

class Stream {
 public:
  virtual ~Stream() = default;

  // What has arrived, without waiting: 0 if nothing has, or if others should have their turn first. Errc::closed: the
  // peer ended in an orderly way; unreachable: the connection was reset or broke; protocol: broken TLS. `into` is not
  // empty.
  virtual Result<std::size_t> try_read(std::span<char> into) = 0;

  // As much of `buffers` as can be sent without waiting, in one system call. Errors as try_read().
  virtual Result<std::size_t> try_write(std::span<const asio::const_buffer> buffers) = 0;

  // Returns when try_read() is worth another call. An idle connection waits here and holds no buffer of its user's.
  // Errc::timed_out: the deadline passed; cancelled.
  virtual Task<Result<>> readable() = 0;
  // The same for try_write().
  virtual Task<Result<>> writable() = 0;

  // At least one byte, waiting for it. Errors are those of try_read() and readable().
  Task<Result<std::size_t>> read_some(std::span<char> into);

  // As much of `buffers` as can be written without waiting; returns what is left of them.
  Result<std::span<asio::const_buffer>> write_now(std::span<asio::const_buffer> buffers);

  // All of `buffers`, which are used up. Their bytes outlive the await.
  Task<Result<>> write(std::span<asio::const_buffer> buffers);

  // From now on a wait that has not ended by `deadline` fails with timed_out. kNever lifts it. Cheap: made for one
  // call per message, since the timer behind it is armed anew only when it fires too early.
  virtual void expires_at(BootTime deadline) = 0;

  // Calls `on_event` once, from the event loop, when the peer leaves or sends something: for a connection that rests
  // in a pool, or whose request is being answered. Replaces the watch before it; an empty function ends it.
  // A watch that a task's readable() follows costs nothing extra: both wait for the same event.
  virtual void watch(std::function<void(PeerEvent)> on_event) = 0;

  // Ends sending in an orderly way (TLS close_notify, TCP FIN). What the peer still sends can be read.
  virtual Task<Result<>> shutdown() = 0;

  // At once, from any point: waits under way fail with unreachable. Destruction closes.
  virtual void close() = 0;

  // "192.0.2.1:4711" or "[2001:db8::1]:4711", for logs; peer_address() without the port, for X-Forwarded-For.
  virtual std::string peer() const = 0;
  virtual std::string peer_address() const = 0;
};

}  // namespace promfleet::net
