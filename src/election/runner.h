// Drives the election machine in production: brings it what the store, the clock, the operators and the role's
// implementer say, and does what it commands. It decides nothing itself.
//
// Thread safety: none; lives on one io thread.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/async/signal.h"
#include "core/async/task_scope.h"
#include "core/os/clock.h"
#include "core/telemetry/log.h"
#include "core/telemetry/metrics.h"
#include "election/history.h"
#include "election/leadership.h"
#include "election/lease_store.h"
#include "election/machine.h"
#include "election/progress.h"
#include "election/status.h"
#include "election/term_file.h"

namespace promfleet::election {

class ElectionRunner {
 public:
  // All outlive the runner.
  struct Parts {
    Executor executor;
    Clock& clock;
    LeaseStore& store;
    TermFile& term_file;
    Leadership& leadership;
    Registry& metrics;
    Log log;
    Progress* progress = nullptr;  // null: nothing is told, and what others tell stays in the lease
  };

  ElectionRunner(Parts parts, std::string member, ProcessNumber process, Timing timing);

  void start();
  // Leaves the election in order: demotes, releases; a release that could not be stored is logged. Errc::timed_out: the
  // demotion was not confirmed before our lease, if there was one, had run out.
  Task<Result<>> leave();
  // Ends all tasks at once; for a runner that has not left, the lease stays as it is.
  Task<> close();

  // From the role's implementer.
  void promoted(std::optional<ConfigHash> config) { tell(Promoted{config}); }
  void promotion_failed(ConfigHash config) { tell(PromotionFailed{config}); }
  void demoted() { tell(Demoted{}); }
  void config_changed(ConfigHash config) { tell(ConfigChanged{config}); }
  void health_changed(Health health) { tell(HealthChanged{health}); }
  void yield(Reason reason) { tell(Yielded{reason}); }
  void handicap_changed(Duration handicap);

  // From operators. Errc::unsupported: this member does not lead. Errc::invalid_input: `to` is this member, or empty.
  Result<> step_down();
  Result<> switch_over(std::string to);
  void pause() { tell(Pause{}); }
  void resume() { tell(Resume{}); }

  // Rule 1: to be asked at the moment of acting.
  bool has_authority() const { return machine_.has_authority(parts_.clock.now()); }
  // When authority ends unless it is renewed; BootTime::min(): there is none.
  BootTime authority_until() const { return has_authority() ? machine_.authority_until() : BootTime::min(); }
  // The term to act in; nullopt without authority.
  std::optional<Term> term() const { return has_authority() ? machine_.term() : std::nullopt; }
  // Who leads as far as is known; empty: nobody.
  std::string leader() const { return current_leader(machine_, parts_.clock.now()); }
  // Returns when leader or role have changed, at `deadline` at the latest. Errc::cancelled.
  Task<Result<>> wait_for_change(BootTime deadline);
  ElectionStatus status() const;
  const History& history() const { return history_; }

 private:
  using StoreCall = std::variant<ReadLease, CreateLease, UpdateLease>;

  struct Metrics {
    explicit Metrics(Registry& registry);
    Counter& store_errors;
    Histogram& store_seconds;
    Counter& overruns;
    Gauge& authority_seconds;
  };

  void tell(Event event);
  void handle_events();
  void after_events();
  Now now() const { return {parts_.clock.now(), parts_.clock.wall_now()}; }

  void run(const ReadLease& command) { request(command); }
  void run(const CreateLease& command) { request(command); }
  void run(const UpdateLease& command) { request(command); }
  void run(const Promote& command);
  void run(const Demote& command);
  void run(const SaveTerm& command) { keep(command.term); }
  void run(const ForgetTerm&) { keep(std::nullopt); }
  void run(const Transition& command);
  void run(const Finish& command);
  void request(StoreCall call);
  void keep(std::optional<Term> term);

  Task<> serve_calls();
  Task<> serve(StoreCall call, bool& is_answered);
  Task<Event> perform(const ReadLease& call);
  Task<Event> perform(const CreateLease& call);
  Task<Event> perform(const UpdateLease& call);
  Event write_answer(AttemptId attempt, const Result<StoredLease>& result);
  void note_store_answer(const Error* error);
  Task<> watch_lease();
  void note_watch_end(const Error& error, Duration pause);
  Task<> keep_term();
  void note_term_file(const Error* error);
  void report_state();
  LeaseRecord with_progress(LeaseRecord record) const;
  // Whether the lease tells something that was not heard last; it is now.
  bool hears_news(const StoredLease* lease);

  Parts parts_;
  Metrics metrics_;
  ElectionMachine machine_;
  History history_;

  std::deque<Event> events_;
  bool is_handling_ = false;
  Timer wake_up_;

  // The call that the machine wants made; a later one replaces it and ends the one that is under way, since the machine
  // has given those up.
  std::optional<StoreCall> wanted_call_;
  Signal calls_changed_;
  std::string store_error_;
  Duration store_latency_{0};
  std::string watch_denial_;

  std::optional<Term> term_to_keep_;
  bool term_is_kept_ = true;
  std::string term_file_error_;
  Signal term_changed_;

  Parting parting_ = Parting::in_order;
  std::string heard_progress_;

  // What was reported last.
  std::string leader_;
  Role role_ = Role::idle;
  int overruns_ = 0;
  bool refuses_lease_ = false;
  Signal changed_;

  TaskScope scope_;
};

}  // namespace promfleet::election
