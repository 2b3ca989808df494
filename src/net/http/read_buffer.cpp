#include "net/http/read_buffer.h"

#include <algorithm>
#include <cstring>

namespace promfleet::http {

std::span<char> ReadBuffer::room(std::size_t bytes_max) {
  const std::size_t unread_bytes = end_ - begin_;
  const bool should_grow = capacity_ == 0 || unread_bytes == capacity_ || was_filled_up_;
  const std::size_t doubled = std::max(capacity_ * 2, kInitialBytes);
  const std::size_t wanted = should_grow ? std::min(doubled, std::max(bytes_max, kInitialBytes)) : capacity_;
  if (wanted > capacity_ || unread_bytes == 0 || end_ == capacity_) move_to_front(std::max(wanted, capacity_));
  return {bytes_.get() + end_, capacity_ - end_};
}

void ReadBuffer::filled(std::size_t bytes) {
  end_ += bytes;
  was_filled_up_ = end_ == capacity_;
}

void ReadBuffer::move_to_front(std::size_t new_capacity) {
  const std::string_view kept = unread();
  if (new_capacity > capacity_) {
    auto grown = std::make_unique_for_overwrite<char[]>(new_capacity);
    if (!kept.empty()) std::memcpy(grown.get(), kept.data(), kept.size());
    bytes_ = std::move(grown);
    capacity_ = new_capacity;
  } else if (begin_ > 0) {
    std::memmove(bytes_.get(), kept.data(), kept.size());
  }
  end_ -= begin_;
  begin_ = 0;
}

}  // namespace promfleet::http
