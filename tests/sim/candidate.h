// A process that takes part in an election: the real machine, with clocks, a link to the lease store and a state file
// of its own. It does what ElectionRunner does in production; what leading means is its heirs'.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "tests/sim/member_clock.h"
#include "tests/sim/mutant.h"
#include "tests/sim/process.h"
#include "tests/sim/world.h"

namespace promfleet::sim {

class Candidate {
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
    Duration wall_step{1};  // of what the wall clock shows
  };

  Candidate(Setup setup, Stage stage);
  virtual ~Candidate() = default;
  Candidate(const Candidate&) = delete;
  Candidate& operator=(const Candidate&) = delete;

  // The process begins. Its state file is as an earlier life left it.
  virtual void start() = 0;
  void kill();
  void lose_state_file() { state_file_.reset(); }
  // As by SIGTERM: the process ends by itself.
  void stop() { tell(election::Stop{}); }
  // Something happens to the process now (or when it thaws), or never if it does not live.
  void tell(election::Event event);
  void lease_changed();
  void jump_wall_clock(Duration by);

  bool lives() const { return mutant_.has_value(); }
  // The term in which it may act as leader now.
  std::optional<election::Term> term_with_authority();
  const std::string& name() const { return setup_.name; }
  const std::string& id() const { return setup_.id; }
  Link& link() { return link_; }
  Process& process() { return process_; }

 protected:
  const Setup& setup() const { return setup_; }
  MemberClock& clock() { return clock_; }
  const election::ElectionMachine& machine() const { return mutant_->machine(); }

  // The first part of start(): a machine that was told nothing yet.
  void begin();
  void tell_started() { happens(election::Started{state_file_}); }
  // To the machine of a process that runs. What happens meanwhile is handled after it.
  void happens(election::Event event);
  // The same, before all that waits.
  void happens_first(election::Event event);

  virtual void promote(const election::Promote& command) = 0;
  virtual void demote(const election::Demote& command) = 0;
  // Before the record leaves. Something may be told beside it.
  virtual void about_to_write(election::LeaseRecord& record) = 0;
  // Before an event; true: what it tells is heard now, and may have told the machine something first.
  virtual bool hears(const election::Event&) { return false; }
  // After an event and what it commanded, while the process runs.
  virtual void handled(const election::Event& event) = 0;
  // The process is no more.
  virtual void ended() {}

 private:
  election::ProcessNumber process_number() const;
  void handle_events();
  void handle(const election::Event& event);
  void schedule_tick();
  void end();
  void call(election::AttemptId attempt, std::function<election::Event()> at_store);

  void run(const election::ReadLease& command);
  void run(election::CreateLease command);
  void run(election::UpdateLease command);
  void run(const election::Promote& command) { promote(command); }
  void run(const election::Demote& command) { demote(command); }
  void run(const election::SaveTerm& command) { state_file_ = command.term; }
  void run(const election::ForgetTerm&) { state_file_.reset(); }
  void run(const election::Transition&) {}
  void run(const election::Finish&);

  Setup setup_;
  Stage stage_;
  Process process_;
  Link link_;
  MemberClock clock_;
  std::optional<Mutant> mutant_;
  std::optional<election::Term> state_file_;
  std::deque<election::Event> events_;
  bool is_handling_ = false;
  int ticks_ = 0;
  Instant tick_at_ = Instant::max();
};

}  // namespace promfleet::sim
