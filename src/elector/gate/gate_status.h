// What a person or another program may know of the gate, at one moment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "elector/gate/destination_gate.h"

namespace promfleet::elector {

// What is known of a receiver's way with leaders.
enum class ReceiverKind : std::uint8_t {
  unknown,  // it has not been asked, or has not answered
  fencing,  // it keeps former leaders out itself
  foreign,  // it takes what anybody sends
};

// Since the process began.
struct OutletCounts {
  std::uint64_t covered_samples = 0;             // that the destination had from another leader, as it tells
  std::uint64_t duplicate_samples = 0;           // and from this one
  std::uint64_t fenced = 0;                      // how often it answered that a later leader writes
  std::map<int, std::uint64_t> refused_samples;  // by the status of the answer
};

struct OutletStatus {
  std::string name;
  std::string path;
  std::string origin;  // of the destination's URL, which may hold secrets elsewhere
  std::string group;
  std::chrono::milliseconds lateness{};
  ReceiverKind receiver = ReceiverKind::unknown;
  DestinationGate::State state = DestinationGate::State::closed;
  std::size_t held_requests = 0;
  std::size_t held_bytes = 0;
  std::optional<std::int64_t> watermark_ms;
  OutletCounts counts;
  std::string problem;  // empty: none
};

struct GateStatus {
  std::vector<OutletStatus> outlets;
  std::string source_started_at;                    // of the Prometheus that writes; empty: none has written yet
  std::optional<std::int64_t> clock_difference_ms;  // by how much our clock is ahead of the leader's
  Duration handicap{0};                             // by which this member leaves a free lease to others
};

}  // namespace promfleet::elector
