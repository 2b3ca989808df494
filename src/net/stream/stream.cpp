#include "net/stream/stream.h"

#include "core/base/try.h"

namespace promfleet::net {

namespace {

std::span<asio::const_buffer> drop_front(std::span<asio::const_buffer> buffers, std::size_t bytes) {
  while (!buffers.empty() && bytes >= buffers.front().size()) {
    bytes -= buffers.front().size();
    buffers = buffers.subspan(1);
  }
  if (bytes > 0) buffers.front() += bytes;
  return buffers;
}

}  // namespace

Task<Result<std::size_t>> Stream::read_some(std::span<char> into) {
  while (true) {
    CO_TRY_ASSIGN(const std::size_t bytes, try_read(into));
    if (bytes > 0) co_return bytes;
    CO_TRY(co_await readable());
  }
}

Result<std::span<asio::const_buffer>> Stream::write_now(std::span<asio::const_buffer> buffers) {
  buffers = drop_front(buffers, 0);
  while (!buffers.empty()) {
    TRY_ASSIGN(const std::size_t bytes, try_write(buffers));
    if (bytes == 0) break;
    buffers = drop_front(buffers, bytes);
  }
  return buffers;
}

Task<Result<>> Stream::write(std::span<asio::const_buffer> buffers) {
  while (true) {
    CO_TRY_ASSIGN(buffers, write_now(buffers));
    if (buffers.empty()) co_return Result<>();
    CO_TRY(co_await writable());
  }
}

}  // namespace promfleet::net
