// What goes wrong in a run: one mishap after the other, drawn by chance, until everything is healed.
#pragma once

#include <memory>
#include <vector>

#include "tests/sim/gate/elector.h"

namespace promfleet::sim::gate {

using Electors = std::vector<std::unique_ptr<Elector>>;

// How bad the networks are at present.
struct Climate {
  Weather to_lease;
  Weather to_receiver;
};

class Chaos {
 public:
  // `pause_max`: between two mishaps.
  Chaos(const World& world, Climate& climate, Electors& electors, Receiver& receiver, Duration pause_max);

  // One mishap, and the next one later, until `end`.
  void rage_until(Instant end);
  // Ends all faults.
  void heal();

 private:
  // Often the one that leads, to whom most can happen.
  Elector& any();
  Duration up_to_leases(double count);
  Weather storm();

  void kill_elector();
  void kill_prometheus();
  void kill_both();
  void end_elector();
  void end_prometheus();
  void freeze();
  void cut_from_lease();
  void cut_from_receiver();
  void worsen_weather();
  void upset_receiver();
  void freeze_in_sending();
  void operate();
  void step_clock();

  void revive_elector(Elector& elector);
  void revive_prometheus(Elector& elector);
  void restart_receiver();

  World world_;
  Climate& climate_;
  Electors& electors_;
  Receiver& receiver_;
  Duration pause_max_;
  std::vector<Duration> clock_steps_;  // of each member, so far
  bool healed_ = false;
};

}  // namespace promfleet::sim::gate
