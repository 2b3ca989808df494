// Writes the log to standard error, on a thread of its own.
//
// Nobody knows when the reader of a pipe, a disk or a terminal takes a line, and an elector that waits for it neither
// renews its lease nor demotes. So whoever logs never waits: lines queue up, one for which there is no room is dropped
// and counted, and a line of the log tells how many were lost once it can be written again.
//
// Thread safety: any thread. A line is written by one system call, unless it is taken in parts.
#pragma once

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "core/base/time.h"
#include "core/os/clock.h"
#include "core/telemetry/log.h"

namespace promfleet {

class StderrSink final : public LogSink {
 public:
  struct Options {
    int descriptor = STDERR_FILENO;  // stays open
    std::size_t queued_bytes_max = 128 * 1024;
    Duration flush_max = std::chrono::seconds(1);
  };

  // Tells of lost lines as a log of this clock and format does. `clock` outlives the sink.
  StderrSink(const Clock& clock, LogFormat format) : StderrSink(clock, format, Options()) {}
  StderrSink(const Clock& clock, LogFormat format, Options options);
  // What is still queued is written within `flush_max`, or left to the thread, which ends by itself.
  ~StderrSink() override;

  void write(std::string_view line) override;

  // As at destruction; later lines may not be written any more.
  void close();

  // Lines that could not be written, so far.
  std::uint64_t lost() const;

 private:
  class Queue;

  Duration flush_max_;
  std::shared_ptr<Queue> queue_;  // the thread's, too
};

}  // namespace promfleet
