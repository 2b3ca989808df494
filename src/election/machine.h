// Decides whether this member may act as leader, and proves that it can be only one.
//
// A pure machine: told of an event and the time, it changes its state and says what it wants done. It does no I/O,
// reads no clock and never waits, so that thousands of seeded simulations (tests/sim) drive the same code as the runner
// does in production. The rules in comments are those of ARCHITECTURE.md, "Election".
//
// It works by level, not by edge: an event only changes what is known; decide() then derives from all that is known
// what to do next. So an event that is lost, doubled or late costs time and nothing else.
//
// Authority is asked for, never remembered: has_authority(now) compares a deadline with the time of asking, and is
// false in a process that was frozen past it, before any event has told the machine so.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "election/commands.h"
#include "election/events.h"
#include "election/lease_view.h"
#include "election/stand_back.h"
#include "election/timing.h"

namespace promfleet::election {

enum class Role : std::uint8_t {
  idle,       // before Started
  resuming,   // a term of before the restart may still go on (rule 6)
  demoting,   // the follower's configuration is wanted and not yet confirmed
  following,  // the follower's configuration is confirmed
  leading,
  finished,
};

class ElectionMachine {
 public:
  // `member` is not empty; it is the identity in the lease, and `process` what tells this one from its namesakes.
  ElectionMachine(std::string member, ProcessNumber process, Timing timing);

  // Times of successive calls never fall.
  std::vector<Command> handle(const Event& event, Now now);

  // When handle(Tick) is due at the latest. kNever: only an event can change anything.
  BootTime wake_at() const;

  // Rule 1. Whoever acts as leader asks this at the moment of acting.
  bool has_authority(BootTime now) const { return role_ == Role::leading && now < authority_until_; }

  Role role() const { return role_; }
  const std::string& member() const { return member_; }
  const Timing& timing() const { return timing_; }
  const LeaseView& view() const { return view_; }
  // The term in which this member leads. Authority may have ended before the machine was told.
  std::optional<Term> term() const;
  BootTime authority_until() const { return authority_until_; }
  Health health() const { return health_; }
  bool is_paused() const { return paused_; }
  BootTime stands_back_until() const { return stand_back_.until(); }
  Duration handicap() const { return handicap_; }
  // The lease is under coordinated election, in which we take no part.
  bool refuses_lease() const;
  // Demotions that were not confirmed when the lease expired (rule 4), the present one included.
  int demotion_overruns() const { return demotion_overruns_; }

 private:
  // A write that makes us leader or keeps us so. Until it is confirmed it may still be stored at any time.
  struct OwnWrite {
    LeaseSpec spec;
    BootTime sent_at;
  };
  // Our latest term, from its acquisition until the next one's, also after it has ended.
  struct Tenure {
    Term term;
    LeaseSpec spec;  // as last confirmed
    std::optional<std::string> next_holder;
  };
  struct Call {
    AttemptId attempt;
    BootTime sent_at;
    BootTime deadline;
    enum class Kind : std::uint8_t { read, write } kind;
  };
  // Why the view must be read again before the next write.
  enum class Doubt : std::uint8_t { none, write_refused, write_unanswered };

  void on(const Started&, Now);
  void on(const HealthChanged&, Now);
  void on(const Watched&, Now);
  void on(const ReadAnswered&, Now);
  void on(const WriteStored&, Now);
  void on(const WriteRefused&, Now);
  void on(const CallFailed&, Now);
  void on(const Promoted&, Now);
  void on(const PromotionFailed&, Now);
  void on(const Demoted&, Now);
  void on(const Yielded&, Now);
  void on(const HandicapChanged& changed, Now) { handicap_ = changed.handicap; }
  void on(const ConfigChanged&, Now);
  void on(const StepDown&, Now);
  void on(const Switchover&, Now);
  void on(const Pause&, Now) { paused_ = true; }
  void on(const Resume&, Now) { paused_ = false; }
  void on(const Stop&, Now);
  void on(const Tick&, Now) {}

  // What is learned of the lease (machine.cpp). true: it was news.
  bool learn(const std::optional<StoredLease>& lease, std::optional<BootTime> asked_at, Now now);
  void learn_spec(const StoredLease& lease, Now now);
  void confirm(OwnWrite write, LeaseRevision revision, Now now);
  void settle_write();
  void hasten_call();
  void note_transition();
  void call_failed();
  std::optional<Call> answered(AttemptId attempt);
  std::optional<OwnWrite> take_own_write(const LeaseSpec& spec);
  bool names_our_term(const StoredLease* lease) const;

  // What follows from it (machine_decide.cpp).
  void decide(Now now);
  void decide_resuming(Now now);
  void decide_leading(Now now);
  void decide_stopping(Now now);
  BootTime give_up_demoting_at() const;
  BootTime lease_stays_until() const;
  void finish(Parting parting, BootTime lease_stays_until = BootTime::min());
  void call_store(Now now);
  void call_as_leader(Now now);
  void call_as_follower(Now now);
  void lead(OwnWrite write, Reason reason, Now now);
  void demote(Reason reason);
  BootTime may_take_at() const;
  bool may_lead() const { return health_ == Health::fit && !stopping_; }

  bool is_writing() const { return call_ && call_->kind == Call::Kind::write; }
  BootTime call_deadline(Now now) const;
  Call& begin_call(Call::Kind kind, Now now);
  void read(Now now);
  void write(LeaseRecord record, Now now);
  void write_as_holder(LeaseRecord record, Now now);

  std::string member_;
  ProcessNumber process_;
  Timing timing_;
  Role role_ = Role::idle;

  // Facts.
  LeaseView view_;
  Health health_ = Health::unfit;
  bool paused_ = false;
  bool stopping_ = false;
  ConfigHash config_;
  StandBack stand_back_;
  Duration handicap_{0};
  std::string holder_shown_;
  std::optional<LeaseTime> term_shown_;

  // Our term.
  std::optional<Tenure> tenure_;
  std::vector<OwnWrite> own_writes_;  // oldest first
  BootTime authority_until_ = BootTime::min();
  BootTime renew_at_ = BootTime::min();
  std::optional<BootTime> loading_since_;  // nullopt: Prometheus runs a leader's configuration, or need not
  bool runs_leader_config_ = false;        // in this term, the newest or an older one

  // The way out of it, and of the process.
  Reason demotion_reason_ = Reason::starting;
  BootTime lease_ends_at_ = BootTime::min();  // of the latest term that ended here
  BootTime expires_at_ = kNever;              // the same while that demotion may still overrun it
  int demotion_overruns_ = 0;
  BootTime resume_until_ = kNever;
  std::optional<BootTime> stop_by_;

  // The store call.
  std::optional<Call> call_;
  AttemptId last_attempt_;
  Doubt doubt_ = Doubt::none;
  BootTime pause_until_ = BootTime::min();

  BootTime now_ = BootTime::min();
  std::vector<Command> commands_;
};

}  // namespace promfleet::election
