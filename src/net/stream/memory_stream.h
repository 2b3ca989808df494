// Streams without a kernel between them: for tests, which thereby need neither ports nor real time.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

#include "core/os/clock.h"
#include "net/stream/dialer.h"
#include "net/stream/stream.h"

namespace promfleet::net {

// Two streams that are each other's peer. `bytes_max`: what one side can write before the other has to read. `clock`
// outlives the streams.
std::pair<std::unique_ptr<Stream>, std::unique_ptr<Stream>> memory_stream_pair(Executor executor, Clock& clock,
                                                                               std::size_t bytes_max = 64 * 1024);

// Connects to whatever `accept` does with the other end.
class MemoryDialer final : public Dialer {
 public:
  using Accept = std::function<void(std::unique_ptr<Stream>)>;

  MemoryDialer(Clock& clock, Accept accept) : clock_(clock), accept_(std::move(accept)) {}

  Task<Result<std::unique_ptr<Stream>>> dial(const Endpoint& endpoint, BootTime deadline) override;

 private:
  Clock& clock_;
  Accept accept_;
};

}  // namespace promfleet::net
