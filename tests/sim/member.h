// One member of ours, with a Prometheus beside it that has to load a configuration before it leads or follows.
#pragma once

#include "tests/sim/candidate.h"
#include "tests/sim/prometheus.h"

namespace promfleet::sim {

class Member final : public Candidate {
 public:
  Member(Setup setup, World world);

  // Its Prometheus is as an earlier life left it.
  void start() override;
  void change_config();

  Prometheus& prometheus() { return prometheus_; }

 private:
  void promote(const election::Promote& command) override;
  void demote(const election::Demote& command) override;
  void about_to_write(election::LeaseRecord& record) override;
  void handled(const election::Event& event) override;

  void load_leader_configuration();

  Judge& judge_;
  Prometheus prometheus_;
  election::ConfigHash config_{1};
};

}  // namespace promfleet::sim
