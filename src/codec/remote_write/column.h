// An array that only grows, for values that are plain bytes: what std::vector is but for two things. Whoever appends
// many writes them into room() and then commits their number, with no check in between; and clear() keeps the memory,
// so that filling it again allocates nothing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

namespace promfleet::remote_write {

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
  void push_back(const T& value) { append({&value, 1}); }
  void append(std::span<const T> values) {
    std::unique_ptr<T[]> former;
    if (capacity_ - size_ < values.size()) former = grow(values.size());
    std::ranges::copy(values, values_.get() + size_);
    size_ += values.size();
  }

  // Where at least `count` values can be written behind the last one; commit() makes them part of the column.
  T* room(std::size_t count) {
    if (capacity_ - size_ < count) grow(count);
    return values_.get() + size_;
  }
  void commit(std::size_t count) { size_ += count; }

 private:
  // Returns the array whose place the larger one has taken.
  std::unique_ptr<T[]> grow(std::size_t count) {
    capacity_ = std::max(2 * capacity_, size_ + count);
    std::unique_ptr<T[]> larger = std::make_unique_for_overwrite<T[]>(capacity_);
    std::copy_n(values_.get(), size_, larger.get());
    return std::exchange(values_, std::move(larger));
  }

  std::unique_ptr<T[]> values_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace promfleet::remote_write
