// What the machine does about what it knows.
#include <algorithm>
#include <utility>

#include "election/machine.h"
#include "election/records.h"

namespace promfleet::election {

namespace {

// More than a leader can send between a confirmed renewal and the end of its authority with any sensible timing. With
// another timing the oldest is forgotten, and a late confirmation of it is not recognised.
constexpr std::size_t kOwnWritesMax = 16;

}  // namespace

void ElectionMachine::decide(Now now) {
  if (role_ == Role::idle || role_ == Role::finished) return;
  if (role_ == Role::resuming) decide_resuming(now);
  if (role_ == Role::leading) decide_leading(now);
  if (role_ == Role::demoting && now.boot >= expires_at_) {
    ++demotion_overruns_;
    expires_at_ = kNever;
  }
  call_store(now);
  if (stopping_) decide_stopping(now);
}

// Rule 6. The previous process may have renewed long ago, so this is soon decided: without a quick confirmation the
// follower's configuration is loaded first.
void ElectionMachine::decide_resuming(Now now) {
  const StoredLease* lease = view_.stored();
  const bool ours = names_our_term(lease) && lease->record.spec.holder == member_;
  const bool disproved = view_.is_known() && !ours;
  if (disproved || stopping_ || now.boot >= resume_until_) demote(Reason::starting);
}

void ElectionMachine::decide_leading(Now now) {
  if (now.boot >= authority_until_) return demote(Reason::authority_lost);
  if (stopping_) return demote(Reason::stopping);
  if (health_ == Health::unfit) return demote(Reason::unhealthy);
  if (loading_since_ && now.boot >= *loading_since_ + timing_.lease_duration) demote(Reason::load_failed);
}

// A stopping member leaves once nothing in the store waits for it. One whose demotion is not confirmed waits as long as
// that protects somebody, which is until its lease has run out; either has tried for the renew deadline at least.
void ElectionMachine::decide_stopping(Now now) {
  if (!stop_by_) stop_by_ = now.boot + timing_.renew_deadline;
  const bool settled = !is_writing() && own_writes_.empty() && !names_our_term(view_.stored());
  if (role_ == Role::following && settled) return finish(Parting::in_order);
  if (role_ == Role::following && now.boot >= *stop_by_) {
    const BootTime until = lease_stays_until();
    return until > now.boot ? finish(Parting::unreleased, until) : finish(Parting::in_order);
  }
  if (role_ == Role::demoting && now.boot >= give_up_demoting_at()) finish(Parting::undemoted);
}

BootTime ElectionMachine::give_up_demoting_at() const {
  return std::max(*stop_by_, lease_ends_at_);
}

// If what we could not release, or an acquisition that was never answered, is stored.
BootTime ElectionMachine::lease_stays_until() const {
  const bool is_held = names_our_term(view_.stored());
  const BootTime held_until = is_held ? view_.free_at(member_, timing_) : BootTime::min();
  return own_writes_.empty() ? held_until : std::max(held_until, own_writes_.back().sent_at + timing_.lease_duration);
}

void ElectionMachine::finish(Parting parting, BootTime lease_stays_until) {
  role_ = Role::finished;
  commands_.push_back(Finish{parting, lease_stays_until});
}

// A read makes way for a write: one that hangs must not hold up a takeover.
void ElectionMachine::call_store(Now now) {
  if (is_writing() || now.boot < pause_until_) return;
  if (!view_.is_known() || doubt_ != Doubt::none) {
    if (!call_) read(now);
    return;
  }
  if (role_ == Role::leading || role_ == Role::resuming) return call_as_leader(now);
  if (role_ == Role::following) call_as_follower(now);
  if (!call_ && now.boot >= view_.heard_at() + timing_.poll_period()) read(now);
}

void ElectionMachine::call_as_leader(Now now) {
  const bool recreate = view_.is_absent();
  const bool resume = role_ == Role::resuming && health_ == Health::fit;
  const bool renew = role_ == Role::leading && now.boot >= renew_at_;
  if (!recreate && !resume && !renew) return;
  const LeaseSpec& current = recreate ? tenure_->spec : view_.stored()->record.spec;
  write_as_holder(renewal(current, member_, timing_.lease_duration, now.wall), now);
}

void ElectionMachine::call_as_follower(Now now) {
  const StoredLease* lease = view_.stored();
  if (names_our_term(lease)) {
    write(release(lease->record.spec, tenure_->term.acquire_time, tenure_->next_holder, now.wall), now);
    return;
  }
  if (now.boot < may_take_at()) return;
  if (lease == nullptr) return write(vacancy(timing_.lease_duration, now.wall), now);
  write_as_holder(acquisition(lease->record.spec, member_, process_, timing_.lease_duration, now.wall), now);
}

BootTime ElectionMachine::may_take_at() const {
  if (role_ != Role::following || !may_lead() || paused_) return kNever;
  const BootTime free_at = std::max(view_.free_at(member_, timing_), stand_back_.until());
  return free_at == kNever ? kNever : free_at + handicap_;
}

void ElectionMachine::lead(OwnWrite write, Reason reason, Now now) {
  role_ = Role::leading;
  authority_until_ = write.sent_at + timing_.renew_deadline;
  loading_since_ = now.boot;
  runs_leader_config_ = false;
  tenure_->spec = std::move(write.spec);
  if (reason == Reason::resumed) commands_.push_back(Transition{member_, reason});
  commands_.push_back(SaveTerm{tenure_->term});
  commands_.push_back(Promote{tenure_->term, reason});
}

void ElectionMachine::demote(Reason reason) {
  if (role_ == Role::leading) {
    lease_ends_at_ = authority_until_ - timing_.renew_deadline + timing_.lease_duration;
    expires_at_ = lease_ends_at_;
    commands_.push_back(Transition{member_, reason});
  }
  hasten_call();
  role_ = Role::demoting;
  demotion_reason_ = reason;
  own_writes_.clear();
  loading_since_.reset();
  if (reason == Reason::load_failed) stand_back_.load_failed(config_, now_, timing_.lease_duration);
  commands_.push_back(Demote{reason});
  commands_.push_back(ForgetTerm{});
}

void ElectionMachine::read(Now now) {
  const Call& call = begin_call(Call::Kind::read, now);
  commands_.push_back(ReadLease{call.attempt, call.deadline});
}

void ElectionMachine::write(LeaseRecord record, Now now) {
  const Call& call = begin_call(Call::Kind::write, now);
  const StoredLease* lease = view_.stored();
  if (lease == nullptr) {
    commands_.push_back(CreateLease{call.attempt, call.deadline, std::move(record)});
  } else {
    commands_.push_back(UpdateLease{call.attempt, call.deadline, std::move(record), lease->revision});
  }
}

// The write may be ours even if its answer never comes, so it is noted before it is sent.
void ElectionMachine::write_as_holder(LeaseRecord record, Now now) {
  if (own_writes_.size() == kOwnWritesMax) own_writes_.erase(own_writes_.begin());
  own_writes_.push_back({record.spec, now.boot});
  renew_at_ = now.boot + timing_.renew_period();
  write(std::move(record), now);
}

// A store may be slow, and is left as much time as client-go leaves it. Only a leader's time is short: it gives its
// renewal up while what its authority still lasts is enough for another look, which gets all that is left.
BootTime ElectionMachine::call_deadline(Now now) const {
  const BootTime deadline = now.boot + timing_.renew_deadline;
  if (role_ == Role::resuming) return std::min(deadline, resume_until_);
  if (role_ != Role::leading) return deadline;
  if (doubt_ == Doubt::write_unanswered) return authority_until_;
  return now.boot + (authority_until_ - now.boot) * 3 / 4;
}

ElectionMachine::Call& ElectionMachine::begin_call(Call::Kind kind, Now now) {
  last_attempt_ = AttemptId(last_attempt_.value() + 1);
  return call_.emplace(Call{last_attempt_, now.boot, call_deadline(now), kind});
}

BootTime ElectionMachine::wake_at() const {
  BootTime earliest = kNever;
  const auto at = [&](BootTime when) {
    if (when > now_) earliest = std::min(earliest, when);
  };
  if (role_ == Role::idle || role_ == Role::finished) return kNever;
  if (role_ == Role::leading) {
    at(authority_until_);
    if (loading_since_) at(*loading_since_ + timing_.lease_duration);
  }
  if (role_ == Role::resuming) at(resume_until_);
  at(expires_at_);
  if (stop_by_) at(role_ == Role::demoting ? give_up_demoting_at() : *stop_by_);
  if (call_) at(call_->deadline);
  if (is_writing()) return earliest;
  at(pause_until_);
  if (role_ == Role::leading) {
    at(renew_at_);
  } else {
    at(may_take_at());
    if (!call_) at(view_.heard_at() + timing_.poll_period());
  }
  return earliest;
}

}  // namespace promfleet::election
