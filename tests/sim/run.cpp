#include "tests/sim/run.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "tests/sim/chaos.h"

namespace promfleet::sim {

namespace {

using namespace election;

constexpr std::array kTimings{
    Timing{std::chrono::seconds(15), 10s, 2s},
    Timing{std::chrono::seconds(10), 8s, 2s},
    Timing{std::chrono::seconds(3), 2s, 500ms},
};
constexpr int kLeasesOfChaos = 10;
constexpr int kLeasesOfCalm = 4;

class Run {
 public:
  Run(std::uint64_t seed, Fault fault, Trace::Output output)
      : chance_(seed), trace_(timeline_, output), timing_(chance_.pick(kTimings)) {
    lease_.on_change([this] { lease_changed(); });
    engage(fault);
  }

  Verdict play() {
    const Duration lease = timing_.lease_duration;
    Chaos chaos(world(), weather_, cast_, timing_);
    for (const auto& member : cast_.members) {
      timeline_.at(chance_.between(Duration::zero(), lease), [&member] { member->start(); });
    }
    for (const auto& contender : cast_.contenders) contender->start();
    chaos.rage_until(kLeasesOfChaos * lease);
    timeline_.at(kLeasesOfChaos * lease, [&chaos] { chaos.heal(); });
    while (!judge_.violation() && timeline_.step((kLeasesOfChaos + kLeasesOfCalm) * lease)) judge_authority();
    if (!judge_.violation() && !someone_leads()) judge_.nobody_leads();
    return {judge_.violation(), timeline_.now(), {{"terms", judge_.terms()}}};
  }

 private:
  World world() { return {{timeline_, chance_, weather_, lease_, trace_}, judge_}; }

  void engage(Fault fault) {
    const std::size_t count = 2 + chance_.below(6);
    const bool twins = chance_.happens(0.2);
    const bool like_clocks = twins && chance_.happens(0.5);
    const double twins_rate = chance_.between(0.95, 1.05);
    const std::size_t others = chance_.happens(0.3) ? 1 + chance_.below(2) : 0;
    const bool everyone_watches = chance_.happens(0.5);
    for (std::size_t i = 0; i < count; ++i) {
      const std::string name = fmt::format("m{}", i);
      const bool watches = everyone_watches || chance_.happens(0.5);
      // Namesakes on one host: their wall clocks show the same, and often twice.
      const bool on_one_host = like_clocks && i < 2;
      cast_.members.push_back(std::make_unique<Member>(
          Member::Setup{.name = name,
                        .id = twins && i < 2 ? "twin" : name,
                        .timing = timing_,
                        .fault = fault,
                        .clock_rate = on_one_host ? twins_rate : chance_.between(0.95, 1.05),
                        .clock_offset = chance_.between(Duration::zero(), std::chrono::hours(1000)),
                        .observation = watches ? Member::Observation::watch_and_poll : Member::Observation::poll,
                        .wall_step = on_one_host ? Duration(1s) : Duration(1)},
          world()));
    }
    for (std::size_t i = 0; i < std::min(others, count - 1); ++i) {
      const bool overwrites = chance_.happens(0.5);
      cast_.contenders.push_back(
          std::make_unique<Contender>(Contender::Setup{.id = fmt::format("go{}", i),
                                                       .timing = timing_,
                                                       .release = overwrites ? Contender::Release::overwrites
                                                                             : Contender::Release::conflicts_if_stale},
                                      world()));
    }
  }

  void lease_changed() {
    for (const auto& member : cast_.members) member->lease_changed();
  }

  void judge_authority() {
    judge_.begin_instant();
    for (const auto& member : cast_.members) {
      if (const std::optional<Term> term = member->term_with_authority()) judge_.has_authority(member->name(), *term);
    }
  }

  bool someone_leads() {
    const auto leads = [](const auto& member) { return member->term_with_authority().has_value(); };
    if (std::ranges::any_of(cast_.members, leads)) return true;
    const auto holds = [&](const auto& contender) {
      return lease_.read() && lease_.read()->record.spec.holder == contender->id();
    };
    return std::ranges::any_of(cast_.contenders, holds);
  }

  Timeline timeline_;
  Chance chance_;
  Weather weather_;
  SimulatedLease lease_;
  Judge judge_;
  Trace trace_;
  Timing timing_;
  Cast cast_;
};

}  // namespace

Verdict run(std::uint64_t seed, Fault fault, Trace::Output trace) {
  return Run(seed, fault, trace).play();
}

}  // namespace promfleet::sim
