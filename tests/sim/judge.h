// What must hold in every run, whatever happens.
//
// Watches the members from outside, with true time. The first violation ends the run.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "election/commands.h"
#include "tests/sim/prometheus.h"

namespace promfleet::sim {

class Judge {
 public:
  // At most one of our members has authority at any instant. Called for each one that has it, between begin_instant()
  // and the next.
  void begin_instant() { with_authority_ = {}; }
  void has_authority(std::string_view member, const election::Term& term);

  // Nor has a member authority whose record ran out before the eyes of a client-go member, who took the lease.
  void taken_by_contender(const election::LeaseSpec& expired) { taken_by_contender_ = expired.acquire_time; }

  // The token never goes back from one term to the next. The same term with the same token goes on.
  void term_begins(std::string_view member, const election::Term& term);

  // A demotion is confirmed before our release is sent, and before its member stands for election again.
  void release_sent(std::string_view member, Configuration loaded);
  void candidacy_sent(std::string_view member, Configuration loaded);

  // Progress: once faults stop, someone leads.
  void nobody_leads();

  const std::optional<std::string>& violation() const { return violation_; }
  // Terms that began so far: that a run shows anything at all.
  int terms() const { return terms_; }

 private:
  void violated(std::string what);

  std::string_view with_authority_;
  std::optional<election::LeaseTime> taken_by_contender_;
  std::optional<election::Term> latest_;
  std::string latest_leader_;
  int terms_ = 0;
  std::optional<std::string> violation_;
};

}  // namespace promfleet::sim
