#include "tests/sim/gate/scraper.h"

#include <bit>
#include <utility>

namespace promfleet::sim::gate {

namespace {

constexpr auto kStale = std::bit_cast<double>(remote_write::kStaleMarkerBits);

}  // namespace

Scraper::Scraper(Replica replica, const World& world, const MemberClock& clock, Process& process, Append append)
    : replica_(replica), world_(world), clock_(clock), process_(process), append_(std::move(append)) {}

void Scraper::start() {
  is_stopped_ = false;
  loops_.clear();
  for (const Target& target : world_.targets.all()) {
    if (target.by[replica_].at_all) loops_.push_back({&target});
  }
  for (Loop& loop : loops_) wait(loop);
}

void Scraper::wait(Loop& loop) {
  const Duration interval = loop.target->interval;
  const Instant earliest = std::max(world_.timeline.now(), loop.target->appears);
  const Duration into = (earliest - scraped(loop).phase + interval) % interval;
  world_.timeline.at(earliest + (interval - into), process_.guarded([this, &loop] { scrape(loop); }));
}

void Scraper::scrape(Loop& loop) {
  if (is_stopped_) return;
  const Instant now = world_.timeline.now();
  if (now >= scraped(loop).vanishes) return vanished(loop);
  const std::int64_t time_ms = wall_ms();
  const bool is_slow = world_.chance.happens(0.1);
  const Duration takes = world_.chance.between(1ms, is_slow ? loop.target->timeout * 11 / 10 : Duration(50ms));
  const bool fails =
      takes > loop.target->timeout || (now >= scraped(loop).fails_from && now < scraped(loop).fails_until);
  const Instant answered_at = now + world_.chance.between(Duration::zero(), takes);
  world_.timeline.after(std::min(takes, loop.target->timeout),
                        process_.guarded([this, &loop, time_ms, fails, now, answered_at] {
                          // A process that was frozen meanwhile finds the answer and that it is too late.
                          const bool is_late = world_.timeline.now() > now + loop.target->timeout;
                          if (fails || (is_late && world_.chance.happens(0.5))) {
                            fail(loop, time_ms);
                          } else {
                            take(loop, time_ms, answered_at);
                          }
                          wait(loop);
                        }));
}

void Scraper::take(Loop& loop, std::int64_t time_ms, Instant answered_at) {
  loop.had_samples = true;
  for (const SeriesNumber series : loop.target->series) {
    Measurement sample = world_.targets.reading(series, answered_at);
    sample.time_ms = time_ms;
    append_(sample);
  }
  report(loop, time_ms, 1);
}

void Scraper::fail(Loop& loop, std::int64_t time_ms) {
  end_series(loop, time_ms);
  report(loop, time_ms, 0);
}

void Scraper::report(const Loop& loop, std::int64_t time_ms, double value) {
  for (const SeriesNumber series : loop.target->reports) {
    append_({.series = series, .time_ms = time_ms, .value = value});
  }
}

void Scraper::end_series(Loop& loop, std::int64_t time_ms) {
  if (!std::exchange(loop.had_samples, false)) return;
  for (const SeriesNumber series : loop.target->series) {
    append_({.series = series, .time_ms = time_ms, .value = kStale});
  }
}

void Scraper::vanished(Loop& loop) {
  world_.timeline.after(loop.target->interval * 11 / 10, process_.guarded([this, &loop, time_ms = wall_ms()] {
    if (!is_stopped_) end_series(loop, time_ms);
  }));
}

std::int64_t Scraper::wall_ms() const {
  const WallTime now = clock_.wall(world_.timeline.now());
  return std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()).count();
}

}  // namespace promfleet::sim::gate
