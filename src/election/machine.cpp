// What the machine learns from events.
#include "election/machine.h"

#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "election/records.h"

namespace promfleet::election {

namespace {

// Whether a member that ends its term for this reason leaves the next one to others, if there are any.
bool makes_way(Reason reason) {
  return reason == Reason::stepped_down || reason == Reason::switched_over || reason == Reason::source_restarted ||
         reason == Reason::source_jumped;
}

}  // namespace

ElectionMachine::ElectionMachine(std::string member, ProcessNumber process, Timing timing)
    : member_(std::move(member)), process_(process), timing_(timing) {
  ASSERT(!member_.empty());
}

std::vector<Command> ElectionMachine::handle(const Event& event, Now now) {
  ASSERT(now.boot >= now_);
  now_ = now.boot;
  if (call_ && now.boot >= call_->deadline) call_failed();
  std::visit([&](const auto& happened) { on(happened, now); }, event);
  decide(now);
  return std::exchange(commands_, {});
}

std::optional<Term> ElectionMachine::term() const {
  return role_ == Role::leading ? std::optional(tenure_->term) : std::nullopt;
}

bool ElectionMachine::refuses_lease() const {
  const StoredLease* lease = view_.stored();
  return lease != nullptr && lease->record.spec.strategy.has_value();
}

void ElectionMachine::on(const Started& started, Now now) {
  ASSERT(role_ == Role::idle);
  if (!started.proof) return demote(Reason::starting);
  tenure_ = Tenure{.term = *started.proof, .spec = {}, .next_holder = {}};
  role_ = Role::resuming;
  resume_until_ = now.boot + timing_.retry_period;
}

void ElectionMachine::on(const HealthChanged& changed, Now) {
  health_ = changed.health;
}

void ElectionMachine::on(const Watched& watched, Now now) {
  learn(watched.lease, std::nullopt, now);
}

void ElectionMachine::on(const ReadAnswered& answer, Now now) {
  const std::optional<Call> call = answered(answer.attempt);
  if (!call) return;
  const Doubt doubt = std::exchange(doubt_, Doubt::none);
  const bool news = learn(answer.lease, call->sent_at, now);
  // A store that refuses a write and then shows no reason is not asked again at once.
  if (doubt == Doubt::write_refused && !news) pause_until_ = now.boot + timing_.retry_period;
}

void ElectionMachine::on(const WriteStored& answer, Now now) {
  const std::optional<Call> call = answered(answer.attempt);
  if (call) learn(answer.lease, call->sent_at, now);
}

void ElectionMachine::on(const WriteRefused& answer, Now now) {
  const std::optional<Call> call = answered(answer.attempt);
  if (!call) return;
  if (answer.refusal == Refusal::conflict) doubt_ = Doubt::write_refused;
  if (answer.refusal == Refusal::not_found) learn(std::nullopt, call->sent_at, now);
}

void ElectionMachine::on(const CallFailed& failed, Now) {
  if (call_ && call_->attempt == failed.attempt) call_failed();
}

void ElectionMachine::on(const Promoted& promoted, Now) {
  if (role_ != Role::leading) return;
  loading_since_.reset();
  runs_leader_config_ = true;
  if (promoted.config == config_) stand_back_.load_succeeded();
}

// Rule 7. Whoever leads with an older configuration, or with a part of this one, and has yielded for it before goes on
// like that: the others had their turn.
void ElectionMachine::on(const PromotionFailed& failed, Now) {
  if (role_ != Role::leading || failed.config != config_) return;
  const bool others_had_their_turn = stand_back_.has_yielded_for(config_);
  if (!(runs_leader_config_ && others_had_their_turn)) demote(Reason::load_failed);
}

void ElectionMachine::on(const Demoted&, Now now) {
  if (role_ != Role::demoting) return;
  role_ = Role::following;
  expires_at_ = kNever;
  stop_by_.reset();  // the release has its own time
  if (makes_way(demotion_reason_)) stand_back_.until_another_leads(now.boot + timing_.lease_duration);
}

void ElectionMachine::on(const Yielded& yielded, Now) {
  if (role_ == Role::leading) demote(yielded.reason);
}

void ElectionMachine::on(const ConfigChanged& changed, Now) {
  config_ = changed.config;
  stand_back_.config_changed(config_);
}

void ElectionMachine::on(const StepDown&, Now) {
  if (role_ == Role::leading) demote(Reason::stepped_down);
}

void ElectionMachine::on(const Switchover& switchover, Now) {
  if (role_ != Role::leading || switchover.to == member_) return;
  tenure_->next_holder = switchover.to;
  demote(Reason::switched_over);
}

void ElectionMachine::on(const Stop&, Now) {
  stopping_ = true;
  hasten_call();
}

bool ElectionMachine::learn(const std::optional<StoredLease>& lease, std::optional<BootTime> asked_at, Now now) {
  const LeaseView::News news =
      lease ? view_.observe(*lease, asked_at, now.boot) : view_.observe_absent(asked_at, now.boot);
  if (news == LeaseView::News::none) return false;
  settle_write();
  if (news == LeaseView::News::spec) {
    note_transition();
    if (lease) learn_spec(*lease, now);
  }
  return true;
}

// News decide what becomes of a write that is under way: it has been stored already, or it expects a revision that is
// gone. So its answer is not waited for, which may be late or lost.
void ElectionMachine::settle_write() {
  if (is_writing()) call_.reset();
  doubt_ = Doubt::none;
}

// Who wants to release does not wait long for an answer: the read that follows tells what there is to release.
void ElectionMachine::hasten_call() {
  if (call_) call_->deadline = std::min(call_->deadline, now_ + timing_.retry_period);
}

// Rule 5. An absent lease takes nothing away: the leader creates it again.
void ElectionMachine::learn_spec(const StoredLease& lease, Now now) {
  const LeaseSpec& spec = lease.record.spec;
  if (std::optional<OwnWrite> write = take_own_write(spec)) return confirm(*std::move(write), lease.revision, now);
  if (role_ == Role::leading && spec == tenure_->spec) return;
  own_writes_.clear();
  if (!spec.holder.empty() && !names_our_term(&lease)) stand_back_.another_leads();
  if (role_ == Role::leading) demote(Reason::lease_lost);
}

// Rule 1: however late we learn of it, authority counts from the sending of the write that is stored.
void ElectionMachine::confirm(OwnWrite write, LeaseRevision revision, Now now) {
  const BootTime until = write.sent_at + timing_.renew_deadline;
  switch (role_) {
    case Role::leading:
      authority_until_ = std::max(authority_until_, until);
      tenure_->spec = std::move(write.spec);
      break;
    case Role::resuming:
      if (now.boot < until) lead(std::move(write), Reason::resumed, now);
      break;
    case Role::following: {
      const Term term{*write.spec.acquire_time, FencingToken(revision.value()), write.spec.acquired_by};
      tenure_ = Tenure{.term = term, .spec = {}, .next_holder = {}};
      // Otherwise the term ends before it began, and is released.
      if (now.boot < until && may_lead()) lead(std::move(write), Reason::acquired, now);
      break;
    }
    case Role::idle:
    case Role::demoting:
    case Role::finished: break;
  }
}

// An own renewal changes neither holder nor term.
void ElectionMachine::note_transition() {
  const StoredLease* lease = view_.stored();
  const std::string holder = lease ? lease->record.spec.holder : "";
  const std::optional<LeaseTime> term = lease ? lease->record.spec.acquire_time : std::nullopt;
  const bool vacant_before = holder_shown_.empty();
  const bool same = holder == holder_shown_ && (holder.empty() || term == term_shown_);
  holder_shown_ = holder;
  term_shown_ = term;
  if (same) return;
  if (!holder.empty()) commands_.push_back(Transition{holder, Reason::acquired});
  if (holder.empty() && !vacant_before) {
    const Reason reason = !lease                                ? Reason::deleted
                          : is_confirmed_release(lease->record) ? Reason::released
                                                                : Reason::emptied;
    commands_.push_back(Transition{"", reason});
  }
}

// No answer, or one that says nothing: a write may have been stored, or may yet be.
void ElectionMachine::call_failed() {
  if (call_->kind == Call::Kind::write) doubt_ = Doubt::write_unanswered;
  pause_until_ = call_->sent_at + timing_.retry_period;
  call_.reset();
}

std::optional<ElectionMachine::Call> ElectionMachine::answered(AttemptId attempt) {
  if (!call_ || call_->attempt != attempt) return std::nullopt;
  return std::exchange(call_, std::nullopt);
}

// Writes before it can no longer be stored: they expected an older revision.
std::optional<ElectionMachine::OwnWrite> ElectionMachine::take_own_write(const LeaseSpec& spec) {
  const auto found = std::ranges::find(own_writes_, spec, &OwnWrite::spec);
  if (found == own_writes_.end()) return std::nullopt;
  OwnWrite write = std::move(*found);
  own_writes_.erase(own_writes_.begin(), found + 1);
  return write;
}

bool ElectionMachine::names_our_term(const StoredLease* lease) const {
  if (!tenure_ || lease == nullptr || lease->record.spec.strategy) return false;
  const LeaseSpec& spec = lease->record.spec;
  const Term& term = tenure_->term;
  if (spec.acquire_time != term.acquire_time || spec.acquired_by != term.acquired_by) return false;
  // Emptied by hand, it still names the term that we can release.
  return spec.holder == member_ || (spec.holder.empty() && !is_confirmed_release(lease->record));
}

}  // namespace promfleet::election
