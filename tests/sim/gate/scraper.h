// The scrape loops of one Prometheus: each target once an interval, at a moment that is the replica's own and stays
// over restarts.
//
// A sample bears the time at which its scrape began, and is appended when the scrape ends. A scrape that fails ends the
// series that the one before had with stale markers; so does a target that vanishes, but as Prometheus does it: more
// than an interval after the time that the markers bear (scrape/scrape.go, endOfRunStaleness).
#pragma once

#include <functional>
#include <vector>

#include "tests/sim/gate/targets.h"
#include "tests/sim/gate/world.h"
#include "tests/sim/member_clock.h"
#include "tests/sim/process.h"

namespace promfleet::sim::gate {

class Scraper {
 public:
  using Append = std::function<void(Measurement)>;

  Scraper(Replica replica, const World& world, const MemberClock& clock, Process& process, Append append);

  // In a process that has just begun.
  void start();
  // No scrape begins any more.
  void stop() { is_stopped_ = true; }

 private:
  struct Loop {
    const Target* target;
    bool had_samples = false;
  };

  const Target::Scraped& scraped(const Loop& loop) const { return loop.target->by[replica_]; }
  void wait(Loop& loop);
  void scrape(Loop& loop);
  void take(Loop& loop, std::int64_t time_ms, Instant answered_at);
  void fail(Loop& loop, std::int64_t time_ms);
  void report(const Loop& loop, std::int64_t time_ms, double value);
  void end_series(Loop& loop, std::int64_t time_ms);
  void vanished(Loop& loop);
  std::int64_t wall_ms() const;

  Replica replica_;
  World world_;
  const MemberClock& clock_;
  Process& process_;
  Append append_;
  std::vector<Loop> loops_;
  bool is_stopped_ = false;
};

}  // namespace promfleet::sim::gate
