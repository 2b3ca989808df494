// What a simulated gate finds around it: its process, the member that it belongs to, and the ways out.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "election/events.h"
#include "elector/gate/source_check.h"
#include "tests/sim/gate/measurement.h"
#include "tests/sim/gate/receiver.h"

namespace promfleet::sim::gate {

class GateHost {
 public:
  virtual ~GateHost() = default;

  virtual BootTime now() = 0;
  virtual std::int64_t wall_ms() = 0;
  // Never happens once the process has ended; late while it is frozen.
  virtual void at(BootTime when, std::function<void()> happens) = 0;
  // Rule 1 of the election.
  virtual bool has_authority() = 0;

  // To the receiver. The answer may be lost.
  virtual void write(std::uint64_t token, const BatchPtr& batch, Receiver::Answered answered) = 0;
  virtual void fence(const remote_write::FenceRequest& request, Receiver::Answered answered) = 0;
  // Of Prometheus. There may be none.
  virtual void ask_start_time(std::function<void(std::optional<std::string>)> answered) = 0;
  // On the disk, over a restart.
  virtual std::optional<elector::TermOrigin>& origin_file() = 0;

  // GateListener's.
  virtual void gate_closed() = 0;
  virtual void gate_yields(election::Reason reason) = 0;
  virtual void handicap_changed(Duration handicap) = 0;

  virtual std::string_view name_in_trace() = 0;
};

}  // namespace promfleet::sim::gate
