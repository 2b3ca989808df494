// Bytes that have arrived on a connection and are not used up yet, in one piece, as parsers want them.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace promfleet::http {

class ReadBuffer {
 public:
  static constexpr std::size_t kInitialBytes = 16 * 1024;
  // Large enough that system calls do not matter for large bodies, small enough for the processor's cache.
  static constexpr std::size_t kBodyBytes = 128 * 1024;

  std::string_view unread() const { return {bytes_.get() + begin_, end_ - begin_}; }

  // Room to read into, growing to `bytes_max` in all; empty if so much is unread. Invalidates views of the bytes.
  std::span<char> room(std::size_t bytes_max);
  void filled(std::size_t bytes);
  void consume(std::size_t bytes) { begin_ += bytes; }
  void clear() { begin_ = end_ = 0; }

  std::size_t capacity() const { return capacity_; }

 private:
  void move_to_front(std::size_t new_capacity);

  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool was_filled_up_ = false;  // by the last read: the next will bring much, too
};

}  // namespace promfleet::http
