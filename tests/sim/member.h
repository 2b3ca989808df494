// One member of ours: the real machine, with clocks, a network link, a Prometheus and a state file of its own.
#pragma once

#include <optional>
#include <string>

#include "tests/sim/member_clock.h"
#include "tests/sim/mutant.h"
#include "tests/sim/process.h"
#include "tests/sim/prometheus.h"
#include "tests/sim/world.h"

namespace promfleet::sim {

class Member {
 public:
  enum class Observation : std::uint8_t { watch_and_poll, poll };
  struct Setup {
    std::string name;  // unique in the run
    std::string id;    // in the lease; twins share it
    election::Timing timing;
    Fault fault;
    double clock_rate;
    Duration clock_offset;
    Observation observation;
  };

  Member(Setup setup, World world);

  // The process begins. Its Prometheus and its state file are as an earlier life left them.
  void start();
  void kill();
  void lose_state_file() { state_file_.reset(); }
  // As by SIGTERM: the process ends by itself.
  void stop() { tell(election::Stop{}); }
  // Something happens to the process now (or when it thaws), or never if it does not live.
  void tell(election::Event event);
  void lease_changed();
  void jump_wall_clock(Duration by);
  void change_config();

  bool lives() const { return mutant_.has_value(); }
  // The term in which it may act as leader now.
  std::optional<election::Term> term_with_authority();
  const std::string& name() const { return setup_.name; }
  const std::string& id() const { return setup_.id; }
  Link& link() { return link_; }
  Process& process() { return process_; }
  Prometheus& prometheus() { return prometheus_; }

 private:
  void happens(const election::Event& event);
  void schedule_tick();
  void load_leader_configuration();
  void call(election::AttemptId attempt, std::function<election::Event()> at_store);

  void run(const election::ReadLease& command);
  void run(const election::CreateLease& command);
  void run(const election::UpdateLease& command);
  void run(const election::Promote& command);
  void run(const election::Demote& command);
  void run(const election::SaveTerm& command) { state_file_ = command.term; }
  void run(const election::ForgetTerm&) { state_file_.reset(); }
  void run(const election::Transition&) {}
  void run(const election::Finish&);
  void judge_write(const election::LeaseRecord& record);

  Setup setup_;
  World world_;
  Process process_;
  Link link_;
  Prometheus prometheus_;
  MemberClock clock_;
  std::optional<Mutant> mutant_;
  std::optional<election::Term> state_file_;
  election::ConfigHash config_{1};
  int ticks_ = 0;
  Instant tick_at_ = Instant::max();
};

}  // namespace promfleet::sim
