#include "tests/sim/gate/targets.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace promfleet::sim::gate {

Targets::Targets(Chance& chance, const Profile& profile, std::size_t replicas, Duration run) {
  const std::size_t count = 3 + chance.below(3);
  for (std::size_t number = 0; number < count; ++number) {
    Target& target = targets_.emplace_back(draw(chance, profile, replicas, run));
    for (std::size_t left = 1 + chance.below(2); left > 0; --left) {
      const bool counts = chance.happens(0.6);
      target.series.push_back(series_.size());
      series_.push_back({.name = fmt::format("s{}{}", series_.size(), counts ? "_total" : ""),
                         .kind = counts ? Kind::counter : Kind::gauge,
                         .per_second = chance.between(0.5, 50),
                         .target = number});
    }
    for (std::size_t stream = 0; number == 0 && stream < kStreamsMax; ++stream) {
      target.reports.push_back(series_.size());
      series_.push_back(
          {.name = fmt::format("s{}_up", series_.size()), .kind = Kind::gauge, .per_second = 0, .target = number});
    }
  }
}

Target Targets::draw(Chance& chance, const Profile& profile, std::size_t replicas, Duration run) const {
  // The first one stays and is everybody's: there is always something to write.
  const bool stays = targets_.empty();
  const Duration interval = chance.pick(profile.intervals);
  Target target{.interval = interval, .timeout = std::min(interval, profile.scrape_timeout_max)};
  target.appears = !stays && chance.happens(0.2) ? chance.between(Duration::zero(), run) : Duration::zero();
  target.vanishes = !stays && chance.happens(0.3) ? chance.between(target.appears, run) : Instant::max();
  while (chance.happens(0.5)) target.restarts.push_back(chance.between(Duration::zero(), run));
  std::ranges::sort(target.restarts);
  const bool is_everybodys = stays || chance.happens(0.8);
  const Replica owner = chance.below(replicas);
  for (Replica replica = 0; replica < replicas; ++replica) {
    const bool fails = chance.happens(0.2);
    const Instant fails_from = chance.between(Duration::zero(), run);
    const Duration delay = chance.between(Duration::zero(), Duration(5s));
    target.by.push_back(
        {.at_all = is_everybodys || replica == owner,
         .phase = chance.between(Duration::zero(), interval),
         .vanishes = target.vanishes == Instant::max() ? Instant::max() : target.vanishes + delay,
         .fails_from = fails ? fails_from : Instant::max(),
         .fails_until = fails ? fails_from + chance.between(Duration::zero(), 6 * interval) : Instant::max()});
  }
  return target;
}

Measurement Targets::reading(SeriesNumber number, Instant when) const {
  const Series& series = series_[number];
  const std::vector<Instant>& restarts = targets_[series.target].restarts;
  const auto after = std::ranges::upper_bound(restarts, when);
  const Instant began = after == restarts.begin() ? Instant::zero() : *(after - 1);
  const double grown = std::floor(to_seconds(when - began) * series.per_second);
  return {.series = number,
          .value = series.kind == Kind::counter ? grown : std::fmod(grown, 17),
          .resets = static_cast<int>(after - restarts.begin())};
}

}  // namespace promfleet::sim::gate
