// What is scraped, kept in Prometheus' WAL, written and stored in a run.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "codec/remote_write/write_request.h"
#include "tests/sim/timeline.h"

namespace promfleet::sim::gate {

// Of the series of a run, from 0.
using SeriesNumber = std::size_t;
// Of the processes of Prometheus that a run has seen, from 0: each start is another one.
using ProcessNumber = std::size_t;
// Of the members of a run, from 0.
using Replica = std::size_t;

// Of one series.
struct Measurement {
  SeriesNumber series = 0;
  std::int64_t time_ms = 0;  // Unix, by the clock of whoever scraped
  double value = 0;
  int resets = 0;  // of the counter, before this. Nobody in the run can see it but the judge
  Instant appended_at{0};

  bool is_stale_marker() const { return remote_write::bits_of(value) == remote_write::kStaleMarkerBits; }
};

// What Prometheus sends with one request.
struct Batch {
  ProcessNumber source = 0;
  std::size_t stream = 0;
  std::vector<Measurement> samples;
  remote_write::WriteRequest request;  // the same
};
using BatchPtr = std::shared_ptr<const Batch>;

}  // namespace promfleet::sim::gate
