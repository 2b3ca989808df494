// The Prometheus beside a member: loads the configuration that it is given, after a while, or fails, or hangs.
#pragma once

#include <functional>

#include "tests/sim/chance.h"
#include "tests/sim/timeline.h"

namespace promfleet::sim {

enum class Configuration : std::uint8_t { follower, leader };
enum class LoadResult : std::uint8_t { loaded, failed };

class Prometheus {
 public:
  Prometheus(Timeline& timeline, Chance& chance) : timeline_(timeline), chance_(chance) {}

  // The latest wish counts; an earlier one is never answered. A leader's configuration may fail, a follower's is tried
  // until it is loaded.
  void load(Configuration wanted, std::function<void(LoadResult)> answered);

  // What is in effect now.
  Configuration loaded() const { return loaded_; }

  void hang(Duration how_long) { hangs_until_ = timeline_.now() + how_long; }
  void fail_loads(Duration how_long) { fails_until_ = timeline_.now() + how_long; }
  void heal() { hangs_until_ = fails_until_ = Instant::zero(); }

 private:
  void try_load(int wish);
  void try_again(int wish, Duration delay);

  Timeline& timeline_;
  Chance& chance_;
  Configuration loaded_ = Configuration::follower;
  Configuration wanted_ = Configuration::follower;
  std::function<void(LoadResult)> answered_;
  int wishes_ = 0;
  Instant hangs_until_{0};
  Instant fails_until_{0};
};

}  // namespace promfleet::sim
