// What can be done to any process: freeze it, kill it. Callbacks of a killed process never happen; those of a frozen
// one happen, in order, when it thaws.
#pragma once

#include <concepts>
#include <functional>
#include <utility>
#include <vector>

#include "tests/sim/timeline.h"

namespace promfleet::sim {

class Process {
 public:
  explicit Process(Timeline& timeline) : timeline_(timeline) {}

  auto guarded(std::invocable auto happens) {
    return [this, life = life_, happens = std::move(happens)] {
      if (life != life_) return;
      if (is_frozen()) return waiting_.push_back(happens);
      happens();
    };
  }

  void begin_life() {
    ++life_;
    waiting_.clear();
    frozen_until_ = Instant::zero();
  }

  void freeze(Duration how_long) {
    frozen_until_ = timeline_.now() + how_long;
    timeline_.at(frozen_until_, [this, life = life_] {
      if (life == life_) thaw();
    });
  }

  void thaw() {
    if (timeline_.now() < frozen_until_) return;
    const int life = life_;
    for (const auto& happens : std::exchange(waiting_, {})) {
      if (life == life_) happens();
    }
  }
  void thaw_now() {
    frozen_until_ = Instant::zero();
    thaw();
  }

  // Changes with each start and end of the process.
  int life() const { return life_; }
  bool is_frozen() const { return timeline_.now() < frozen_until_; }

 private:
  Timeline& timeline_;
  int life_ = 0;
  Instant frozen_until_{0};
  std::vector<std::function<void()>> waiting_;
};

}  // namespace promfleet::sim
