// What there is to scrape in a run: targets, their series, and what these truly say at any time.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "codec/remote_write/write_request.h"
#include "election/timing.h"
#include "tests/sim/chance.h"
#include "tests/sim/gate/measurement.h"

namespace promfleet::sim::gate {

// How a group is set up. Lateness is what rule 4 asks for.
struct Profile {
  election::Timing timing;
  std::vector<Duration> intervals;  // of targets
  Duration scrape_timeout_max;
  Duration batch_deadline;
  std::chrono::milliseconds lateness;
};

// Series are spread over them by their number.
inline constexpr std::size_t kStreamsMax = 2;

enum class Kind : std::uint8_t { gauge, counter };

struct Series {
  std::string name;
  Kind kind;
  double per_second;
  std::size_t target;
};

struct Target {
  Duration interval;
  Duration timeout;
  Instant appears;
  Instant vanishes;
  std::vector<Instant> restarts;  // ascending; its counters begin again
  std::vector<SeriesNumber> series;
  // What Prometheus adds of the scrape, also when it fails. Only of the first, to keep runs short: one for each stream,
  // so that none stands still.
  std::vector<SeriesNumber> reports;

  // Of one replica.
  struct Scraped {
    bool at_all;
    Duration phase;      // when in the interval
    Instant vanishes;    // when the replica knows
    Instant fails_from;  // for a while no scrape succeeds
    Instant fails_until;
  };
  std::vector<Scraped> by;
};

class Targets {
 public:
  Targets(Chance& chance, const Profile& profile, std::size_t replicas, Duration run);
  Targets(const Targets&) = delete;
  Targets& operator=(const Targets&) = delete;

  const std::vector<Target>& all() const { return targets_; }
  const std::vector<Series>& series() const { return series_; }
  const Target& of(SeriesNumber series) const { return targets_[series_[series].target]; }

  // What a scrape that the target answers at `when` finds. Times are the scraper's to fill in.
  Measurement reading(SeriesNumber series, Instant when) const;
  std::array<remote_write::Label, 1> labels(SeriesNumber series) const {
    return {remote_write::Label{"__name__", series_[series].name}};
  }

 private:
  Target draw(Chance& chance, const Profile& profile, std::size_t replicas, Duration run) const;

  std::vector<Target> targets_;
  std::vector<Series> series_;
};

}  // namespace promfleet::sim::gate
