#include "elector/reconcile/convergence.h"

#include <algorithm>
#include <utility>

namespace promfleet::elector {

std::string_view to_string(Role role) {
  return role == Role::leader ? "leader" : "follower";
}

void Convergence::aim(Goal goal, BootTime now) {
  if (goal_ == goal) return;
  goal_ = std::move(goal);
  adopt_text_of_other_role();
  phase_ = Phase::trying;
  attempts_ = 0;
  failed_rounds_ = 0;
  retry_at_ = now;
}

// Both roles may have the same configuration (where a gate does the leader's work): then nothing has to be done.
void Convergence::adopt_text_of_other_role() {
  const bool is_settled = confirmed_ && on_disk_ == confirmed_ && !reload_sent_at_;
  Goal same = *goal_;
  if (is_settled) same.role = confirmed_->role;
  if (!is_settled || same != *confirmed_) return;
  confirmed_->role = on_disk_->role = goal_->role;
  last_good_.insert_or_assign(goal_->role, *confirmed_);
}

const Goal& Convergence::target() const {
  return phase_ == Phase::restoring ? last_good_.at(goal_->role) : *goal_;
}

Convergence::Step Convergence::next(BootTime now) const {
  if (!goal_) return Wait{};
  const bool must_rest = now < retry_at_;
  if (phase_ == Phase::resting && must_rest) return Wait{retry_at_};
  if (on_disk_ != target()) {
    if (must_rest && phase_ == Phase::trying) return Wait{retry_at_};
    return Write{target()};
  }
  if (reload_sent_at_ || confirmed_ == target()) return Wait{};
  if (must_rest && phase_ == Phase::trying) return Wait{retry_at_};
  return Reload{};
}

void Convergence::reload_sent(BootTime now) {
  reloading_ = on_disk_;
  reload_sent_at_ = now;
  // From now on Prometheus may be anywhere between what it ran and what it was sent.
  confirmed_.reset();
}

Convergence::Outcome Convergence::reload_answered(const ReloadAnswer& answer, BootTime now) {
  const Goal reloaded = *std::exchange(reloading_, std::nullopt);
  reload_sent_at_.reset();
  // Prometheus read the file at some moment between: perhaps the old, perhaps the new.
  if (reloaded != on_disk_) return Outcome::superseded;
  const bool is_wanted = reloaded == target();
  // No Prometheus runs, and the one that starts reads this file: a follower's is as good as loaded.
  const bool is_down = answer.kind == ReloadAnswer::Kind::not_listening && reloaded.role == Role::follower;
  if (answer.kind == ReloadAnswer::Kind::applied || is_down) {
    confirmed_ = reloaded;
    if (!is_down) last_good_.insert_or_assign(reloaded.role, reloaded);
    return is_wanted ? arrive() : Outcome::superseded;
  }
  if (!is_wanted) return Outcome::superseded;
  const bool was_trying = phase_ != Phase::restoring;
  const bool broke = answer.kind == ReloadAnswer::Kind::unanswered;
  const Outcome outcome = fail_attempt(now, broke ? limits_.unanswered_delay : limits_.retry_delay);
  if (was_trying && answer.kind == ReloadAnswer::Kind::rejected) fall_back();
  return outcome;
}

Convergence::Outcome Convergence::write_failed(const Goal& goal, BootTime now) {
  if (goal != target()) return Outcome::superseded;
  const bool was_trying = phase_ != Phase::restoring;
  const Outcome outcome = fail_attempt(now, limits_.retry_delay);
  if (was_trying) fall_back();
  return outcome;
}

// To the last good text of the goal's role, until the next attempt.
void Convergence::fall_back() {
  const auto good = last_good_.find(goal_->role);
  if (good == last_good_.end() || good->second == *goal_) return;
  const bool is_in_force = on_disk_ == good->second && confirmed_ == good->second;
  phase_ = is_in_force ? Phase::resting : Phase::restoring;
}

Convergence::Outcome Convergence::arrive() {
  if (phase_ == Phase::restoring) {
    phase_ = Phase::resting;
    return Outcome::confirmed;
  }
  phase_ = Phase::trying;
  attempts_ = 0;
  failed_rounds_ = 0;
  return Outcome::confirmed;
}

Convergence::Outcome Convergence::fail_attempt(BootTime now, Duration retry_delay) {
  phase_ = phase_ == Phase::restoring ? Phase::resting : Phase::trying;
  if (++attempts_ == 1) round_failing_since_ = now;
  const BootTime next_attempt = after(now, retry_delay);
  if (round_goes_on(next_attempt)) {
    retry_at_ = next_attempt;
    return Outcome::failed;
  }
  attempts_ = 0;
  Duration delay = limits_.retry_delay;
  for (int round = 0; round < failed_rounds_ && delay < limits_.round_delay_max; ++round) delay *= 2;
  ++failed_rounds_;
  retry_at_ = now + std::min(delay, limits_.round_delay_max);
  return Outcome::round_failed;
}

bool Convergence::round_goes_on(BootTime next_attempt) const {
  if (attempts_ >= limits_.attempts) return false;
  return goal_->role == Role::follower || next_attempt < after(round_failing_since_, limits_.leader_round_max);
}

}  // namespace promfleet::elector
