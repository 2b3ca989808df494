// What goes wrong in a run: one mishap after the other, drawn by chance, until everything is healed.
#pragma once

#include <memory>
#include <vector>

#include "tests/sim/contender.h"
#include "tests/sim/member.h"

namespace promfleet::sim {

struct Cast {
  std::vector<std::unique_ptr<Member>> members;
  std::vector<std::unique_ptr<Contender>> contenders;
};

class Chaos {
 public:
  Chaos(World world, Weather& weather, Cast& cast, election::Timing timing);

  // One mishap, and the next one later, until `end`.
  void rage_until(Instant end);
  // Ends all faults and repairs what an operator would have to repair.
  void heal();

 private:
  // Often the one that leads, to whom most can happen.
  Member& any_member();
  Duration up_to_leases(double count);

  void cut_off();
  void freeze();
  void kill();
  void stop();
  void jump_wall_clock();
  void upset_prometheus();
  void worsen_weather();
  void operate();
  void touch_lease();
  void upset_contender();

  void revive_later(Member& member);
  void edit(election::LeaseRecord& record);
  void repair();

  World world_;
  Weather& weather_;
  Cast& cast_;
  election::Timing timing_;
  bool needs_repair_ = false;
  bool healed_ = false;
};

}  // namespace promfleet::sim
