// Keeps what is expensive to make for the next one who needs it: a message's buffers, so that a busy connection
// allocates nothing and an idle one holds nothing.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace promfleet::http {

// T::bytes() tells how much memory an object holds, T::clear() makes it forget what it was used for.
template <class T>
class Pool {
 public:
  Pool(std::size_t bytes_max, std::function<std::unique_ptr<T>()> make)
      : bytes_max_(bytes_max), make_(std::move(make)) {}

  std::unique_ptr<T> take() {
    if (kept_.empty()) return make_();
    std::unique_ptr<T> object = std::move(kept_.back());
    kept_.pop_back();
    bytes_ -= object->bytes();
    return object;
  }

  // The one given last is taken first: its memory is still in the processor's cache.
  void give(std::unique_ptr<T> object) {
    if (bytes_ + object->bytes() > bytes_max_) return;
    object->clear();
    bytes_ += object->bytes();
    kept_.push_back(std::move(object));
  }

 private:
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::function<std::unique_ptr<T>()> make_;
  std::vector<std::unique_ptr<T>> kept_;
};

}  // namespace promfleet::http
