#include "core/os/timer_queue.h"

namespace promfleet {

Timer& Timer::operator=(Timer&& other) noexcept {
  cancel();
  queue_ = std::exchange(other.queue_, nullptr);
  key_ = other.key_;
  return *this;
}

void Timer::cancel() {
  if (queue_ != nullptr) queue_->waiting_.erase(key_);
  queue_ = nullptr;
}

Timer TimerQueue::add(BootTime when, std::function<void()> wake) {
  if (when == kNever) return Timer();
  const Timer::Key key(when, ++added_);
  waiting_.emplace(key, std::move(wake));
  return Timer(this, key);
}

std::optional<BootTime> TimerQueue::next() const {
  if (waiting_.empty()) return std::nullopt;
  return waiting_.begin()->first.first;
}

void TimerQueue::run_due(BootTime now) {
  while (!waiting_.empty() && waiting_.begin()->first.first <= now) {
    // Taken out first: the callback may add, cancel or destroy timers.
    const std::function<void()> wake = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    wake();
  }
}

}  // namespace promfleet
