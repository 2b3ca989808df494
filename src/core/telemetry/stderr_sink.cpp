#include "core/telemetry/stderr_sink.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace promfleet {

namespace {

// Waits as long as it takes. False: the descriptor takes nothing any more.
bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      // Whoever shares the descriptor has made it so.
      pollfd writable{.fd = descriptor, .events = POLLOUT, .revents = 0};
      ::poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

}  // namespace

// Two blocks of lines: the one that grows and the one that is being written. They are swapped, so that the thread
// allocates nothing unless lines were lost.
class StderrSink::Queue {
 public:
  Queue(const Clock& clock, LogFormat format, Options options) : clock_(clock), format_(format), options_(options) {}

  void put(std::string_view line) {
    const std::scoped_lock lock(mutex_);
    if (waiting_.size() + line.size() > options_.queued_bytes_max) {
      ++lost_;
      return;
    }
    waiting_ += line;
    changed_.notify_all();
  }

  std::uint64_t lost() const {
    const std::scoped_lock lock(mutex_);
    return lost_;
  }

  // Until the queue is closed and empty, or nobody waits for that any more.
  void serve() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return is_closed_ || !waiting_.empty(); });
      if (waiting_.empty()) break;
      writing_.clear();
      writing_.swap(waiting_);
      lock.unlock();
      const std::uint64_t failed = write_lines();
      lock.lock();
      if (is_abandoned_) return;
      lost_ += failed;
      if (failed == 0 && lost_ > told_) tell_lost();
    }
    is_done_ = true;
    changed_.notify_all();
  }

  void close(Duration flush_max) {
    std::unique_lock lock(mutex_);
    is_closed_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, flush_max, [this] { return is_done_; });
    is_abandoned_ = true;
  }

 private:
  // Returns how many could not be written.
  std::uint64_t write_lines() const {
    std::uint64_t failed = 0;
    std::string_view lines = writing_;
    while (!lines.empty()) {
      const std::size_t length = std::min(lines.find('\n'), lines.size() - 1) + 1;
      if (!write_all(options_.descriptor, lines.substr(0, length))) ++failed;
      lines.remove_prefix(length);
    }
    return failed;
  }

  void tell_lost() {
    waiting_ += log_line(format_, clock_.wall_now(), LogLevel::warn, "log",
                         "lines were lost: nobody read standard error", {{"lines", lost_ - told_}});
    told_ = lost_;
  }

  const Clock& clock_;  // not touched once abandoned
  LogFormat format_;
  Options options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string waiting_;
  std::string writing_;  // the thread's
  std::uint64_t lost_ = 0;
  std::uint64_t told_ = 0;
  bool is_closed_ = false;
  bool is_done_ = false;
  bool is_abandoned_ = false;
};

StderrSink::StderrSink(const Clock& clock, LogFormat format, Options options)
    : flush_max_(options.flush_max), queue_(std::make_shared<Queue>(clock, format, options)) {
  std::thread([queue = queue_] { queue->serve(); }).detach();
}

StderrSink::~StderrSink() {
  close();
}

void StderrSink::close() {
  queue_->close(flush_max_);
}

void StderrSink::write(std::string_view line) {
  queue_->put(line);
}

std::uint64_t StderrSink::lost() const {
  return queue_->lost();
}

}  // namespace promfleet
