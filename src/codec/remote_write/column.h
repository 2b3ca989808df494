// An array that only grows, for values that are plain bytes: what std::vector is but for two things. Whoever appends
// many writes them into room(), with no check in between, and then commits their number; and clear() keeps the memory,
// so that filling it again allocates nothing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

namespace promfleet::remote_write {

// Part of a column.
struct Range {
  std::uint32_t begin = 0;
  std::uint32_t count = 0;
};

template <class T>
class Column {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Column() = default;
  Column(Column&& other) noexcept
      : values_(std::move(other.values_)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  Column& operator=(Column&& other) noexcept {
    values_ = std::move(other.values_);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
    return *this;
  }

  std::size_t size() const { return size_; }
  T& operator[](std::size_t at) { return values_[at]; }
  T& back() { return values_[size_ - 1]; }

  std::span<const T> all() const { return {values_.get(), size_}; }
  std::span<T> all() { return {values_.get(), size_}; }

  void clear() { size_ = 0; }

  // What they append may be part of this column.
  void push_back(const T& value) {
    const T copy = value;
    *room(1) = copy;
    ++size_;
  }
  void append(std::span<const T> values) {
    std::unique_ptr<T[]> former;
    if (capacity_ - size_ < values.size()) former = grow(values.size());
    std::ranges::copy(values, values_.get() + size_);
    size_ += values.size();
  }

  // Where at least `count` values can be written behind the last one; commit() makes those before `behind` part of the
  // column, and tells where they are.
  T* room(std::size_t count) {
    if (capacity_ - size_ < count) grow(count);
    return values_.get() + size_;
  }
  Range commit(const T* behind) {
    const std::size_t begin = size_;
    size_ = static_cast<std::size_t>(behind - values_.get());
    return since(begin);
  }

  // What has been appended since the column had `begin` values.
  Range since(std::size_t begin) const {
    return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(size_ - begin)};
  }

 private:
  // Returns the array whose place the larger one has taken.
  [[gnu::noinline]] std::unique_ptr<T[]> grow(std::size_t count) {
    capacity_ = std::max(capacity_ + capacity_ / 2, size_ + count);
    std::unique_ptr<T[]> larger = std::make_unique_for_overwrite<T[]>(capacity_);
    std::copy_n(values_.get(), size_, larger.get());
    return std::exchange(values_, std::move(larger));
  }

  std::unique_ptr<T[]> values_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

// What the values of one decoded request may take: some 150,000 series, where senders write 2,000 at a time.
inline constexpr std::size_t kValuesBytesMax = 64 * 1024 * 1024;

// Values that are written one by one behind the last one of a column. At most `count_max` are kept, and no more than a
// request may have: whoever reads damage or malice asks has_slot() first.
template <class T>
class Filling {
 public:
  Filling(Column<T>& column, std::size_t count_max) : column_(column) {
    const std::size_t slots = std::min(count_max, kValuesBytesMax / sizeof(T)) + 1;
    begin_ = next_ = column.room(slots);
    end_ = begin_ + slots;
  }

  bool has_slot() const { return next_ < end_; }
  // Where the next value can be written, and tried; keep() goes on to the one behind it.
  T* slot() { return next_; }
  void keep() { ++next_; }

  std::span<T> all() { return {begin_, next_}; }

  // Makes them part of the column.
  Range commit() { return column_.commit(next_); }

 private:
  Column<T>& column_;
  T* begin_;
  T* next_;
  T* end_;
};

}  // namespace promfleet::remote_write
