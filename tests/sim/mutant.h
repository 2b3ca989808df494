// The election machine with one fault planted from outside, to show that the simulation would find it.
//
// A fault changes what the machine is told, what it says or when it is believed to have authority; the machine itself
// has no switch for it, so that none can be on in production.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "election/machine.h"
#include "election/simulated_lease.h"
#include "tests/sim/member_clock.h"

namespace promfleet::sim {

enum class Fault : std::uint8_t {
  none,
  release_before_demote,
  wall_clock,
  deadline_from_answer,
  resume_without_proof,
  swap_with_fresh_revision,
  empty_taken_at_once,
  read_extends_authority,
  namesakes_look_alike,
};

std::string_view to_string(Fault fault);
// All but none.
std::span<const Fault> all_faults();

// The one fault that lies in the clock.
ClockSource clock_source(Fault fault);

class Mutant {
 public:
  // `lease` is what some faults look at although no member could.
  Mutant(std::string member, election::ProcessNumber process, election::Timing timing, Fault fault,
         const election::SimulatedLease& lease);

  std::vector<election::Command> handle(election::Event event, election::Now now);
  std::optional<election::Term> term_with_authority(BootTime now) const;
  BootTime wake_at() const;

  const election::ElectionMachine& machine() const { return machine_; }

 private:
  using Commands = std::vector<election::Command>;

  Commands pass_on(const election::Event& event, election::Now now);
  void distort(election::Event& event) const;
  void distort(Commands& commands, election::Now now);
  void extend_authority(const election::Event& event, BootTime believed_before, BootTime now);
  bool shows_term(election::Event event, const election::Term& term) const;

  election::ElectionMachine machine_;
  Fault fault_;
  const election::SimulatedLease& lease_;
  // Authority that the machine does not have, and the demotion that it asked for and that waits meanwhile.
  BootTime wrongly_until_ = BootTime::min();
  election::Term extended_term_;
  Commands put_off_;
};

}  // namespace promfleet::sim
