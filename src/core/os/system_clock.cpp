#include "core/os/system_clock.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <ctime>

#include "core/base/assert.h"

namespace promfleet {

namespace {

timespec to_timespec(Duration duration) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(duration);
  return {.tv_sec = seconds.count(), .tv_nsec = (duration - seconds).count()};
}

Duration read_clock(clockid_t id) {
  timespec time{};
  ASSERT(clock_gettime(id, &time) == 0);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

SystemClock::SystemClock(asio::io_context& io)
    : timer_(io.get_executor(), timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC)) {}

BootTime SystemClock::now() const {
  return BootTime(read_clock(CLOCK_BOOTTIME));
}

WallTime SystemClock::wall_now() const {
  return WallTime(read_clock(CLOCK_REALTIME));
}

Timer SystemClock::call_at(BootTime when, std::function<void()> wake) {
  Timer timer = queue_.add(when, std::move(wake));
  arm();
  return timer;
}

// The timerfd stays armed for a time whose timer was cancelled meanwhile: firing once for nothing is cheaper than a
// system call for each of the many timers that never fire.
void SystemClock::arm() {
  const std::optional<BootTime> next = queue_.next();
  if (next && *next < armed_for_) {
    armed_for_ = *next;
    // A zero time would disarm; anything in the past fires at once.
    const itimerspec spec{.it_interval = {}, .it_value = to_timespec(std::max(next->time_since_epoch(), Duration(1)))};
    ASSERT(timerfd_settime(timer_.native_handle(), TFD_TIMER_ABSTIME, &spec, nullptr) == 0);
  }
  if (next && !waiting_) wait_for_fire();
}

void SystemClock::wait_for_fire() {
  waiting_ = true;
  timer_.async_wait(asio::posix::descriptor_base::wait_read, [this](boost::system::error_code error) {
    if (error) return;
    std::uint64_t expirations = 0;
    [[maybe_unused]] const ssize_t count = ::read(timer_.native_handle(), &expirations, sizeof expirations);
    waiting_ = false;
    armed_for_ = kNever;
    queue_.run_due(now());
    arm();
  });
}

}  // namespace promfleet
