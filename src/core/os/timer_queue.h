// Callbacks in the order of their times: what the real and the simulated clock have in common.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "core/base/time.h"

namespace promfleet {

class TimerQueue;

// A callback that is still to come; destroying it cancels it. It does not outlive its queue.
class Timer {
 public:
  Timer() = default;
  Timer(Timer&& other) noexcept : queue_(std::exchange(other.queue_, nullptr)), key_(other.key_) {}
  Timer& operator=(Timer&& other) noexcept;
  ~Timer() { cancel(); }

  void cancel();

 private:
  friend class TimerQueue;
  using Key = std::pair<BootTime, std::uint64_t>;

  Timer(TimerQueue* queue, Key key) : queue_(queue), key_(key) {}

  TimerQueue* queue_ = nullptr;
  Key key_;
};

class TimerQueue {
 public:
  [[nodiscard]] Timer add(BootTime when, std::function<void()> wake);

  // The time of the earliest callback; nullopt when there is none.
  std::optional<BootTime> next() const;

  // Calls everything that is due at `now`, earliest first; also what those calls add, if it is due.
  void run_due(BootTime now);

 private:
  friend class Timer;

  std::map<Timer::Key, std::function<void()>> waiting_;
  std::uint64_t added_ = 0;
};

}  // namespace promfleet
