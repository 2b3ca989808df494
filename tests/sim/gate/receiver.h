// A receiver of remote write that fences, with the real state machine and what docs/format/fencing.md asks around it:
// the group's lock, a disk, and a recovery from what is on it.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "remote_write/fence/group.h"
#include "tests/sim/gate/measurement.h"
#include "tests/sim/gate/world.h"
#include "tests/sim/process.h"

namespace promfleet::sim::gate {

class Receiver {
 public:
  enum class Answer : std::uint8_t {
    done,
    fenced,
    fence_first,
    unavailable,
  };
  using Watermarks = remote_write::Watermarks;
  using Answered = std::function<void(Answer, const Watermarks&)>;

  Receiver(const World& world, Duration clock_offset);

  // A request arrives. Answered later; not at all by a process that ends before.
  void write(remote_write::FencingToken token, const BatchPtr& batch, Answered answered);
  void fence(const remote_write::FenceRequest& request, Answered answered);

  void start();
  void kill();
  bool lives() const { return group_.has_value(); }
  Process& process() { return process_; }
  void be_slow_until(Instant until) { slow_until_ = until; }

  static std::string stream_name(std::size_t stream);

 private:
  struct Operation {
    remote_write::FencingToken token;
    BatchPtr batch;      // none: a fence
    std::string source;  // of a fence
    Answered answered;
    bool passed_before_lock;  // a planted fault's
  };
  // Has the lock, while its part is written to the disk.
  struct Running {
    Operation operation;
    std::optional<remote_write::Admission> admission;
    remote_write::GroupRecord fenced;
  };
  struct Disk {
    remote_write::GroupRecord record;
    std::vector<remote_write::SeriesEntry> newest;  // of each series; free where there is none
  };

  void arrive(Operation operation);
  void next();
  std::optional<Answer> begin(Operation operation);
  void store();
  void finish();
  const remote_write::WriteRequest& kept();
  remote_write::FencingToken token_to_check(const Operation& operation) const;
  SeriesNumber number_of(std::string_view name) const;
  WallTime wall() const;

  World world_;
  Duration clock_offset_;
  Process process_;
  Disk disk_;
  std::optional<remote_write::FenceGroup> group_;
  std::deque<Operation> waiting_;
  std::optional<Running> running_;
  Instant slow_until_{0};
  int commits_ = 0;

  // Of the planted fault that has one cut for all series.
  std::int64_t cut_ms_ = 0;
  remote_write::WriteRequest behind_cut_;
};

}  // namespace promfleet::sim::gate
