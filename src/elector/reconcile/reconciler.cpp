#include "elector/reconcile/reconciler.h"

#include <algorithm>
#include <utility>

#include "core/base/try.h"
#include "elector/prometheus/running_queues.h"

namespace promfleet::elector {

namespace {

// A Prometheus configuration with all its rules inline is far below; larger than what we would ever write.
constexpr std::size_t kOutputBytesMax = 64 * 1024 * 1024;

}  // namespace

Reconciler::Reconciler(Parts parts, ReconcilerOptions options, std::function<BootTime()> authority_until)
    : parts_(std::move(parts)),
      options_(std::move(options)),
      authority_until_(std::move(authority_until)),
      standby_(options_.output + ".follower"),
      convergence_(options_.rounds),
      calls_(parts_.metrics.counter(
          "prometheus_elector_notifier_calls_total",
          "The total amount of times Prometheus Elector notified Prometheus about a configuration update")),
      call_errors_(parts_.metrics.counter(
          "prometheus_elector_notifier_calls_errors",
          "The total amount of times Prometheus Elector failed to notify Prometheus about a configuration update")),
      call_seconds_(parts_.metrics.histogram("prometheus_elector_notifier_calls_duration_seconds",
                                             "The time it took to notify Prometheus about a configuration update",
                                             {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10})),
      late_reloads_(parts_.metrics.counter("promfleet_elector_late_reloads_total",
                                           "Reloads that took longer than -notify-timeout.")),
      foreign_writes_(parts_.metrics.counter("promfleet_elector_output_foreign_writes_total",
                                             "Times that the output was found changed by someone else.")),
      write_errors_(
          parts_.metrics.counter("promfleet_elector_output_write_errors_total", "Failed writes of the output.")),
      changed_(parts_.io.get_executor()),
      scope_(parts_.io.get_executor()) {}

void Reconciler::start() {
  scope_.spawn(run());
}

void Reconciler::want(Role role) {
  wanted_ = role;
  announced_.reset();
  update_goal();
}

void Reconciler::configure(DesiredConfigs configs) {
  configs_ = std::move(configs);
  update_goal();
}

void Reconciler::do_without_configs() {
  must_take_back_ = true;
  changed_.notify();
}

void Reconciler::rules_changed() {
  ++rules_version_;
  update_goal();
}

void Reconciler::output_touched() {
  output_touched_ = true;
  changed_.notify();
}

void Reconciler::update_goal() {
  if (!configs_ || !wanted_) return;
  const auto& text = *wanted_ == Role::leader ? configs_->leader : configs_->follower;
  if (!text) return;
  convergence_.aim({.role = *wanted_, .text = text, .rules_version = rules_version_}, parts_.clock.now());
  if (convergence_.has_arrived()) {
    announced_.reset();  // nothing will be loaded that could be told of
    status_.reload_error.clear();
  }
  changed_.notify();
}

Task<> Reconciler::run() {
  while (!co_await cancelled()) {
    announce();
    if (must_take_back_ && wanted_ == Role::follower) {
      must_take_back_ = false;
      co_await take_back();
    }
    const BootTime now = parts_.clock.now();
    if (output_touched_ && now >= ignore_foreign_until_) {
      output_touched_ = false;
      co_await check_output();
      continue;  // whatever happened meanwhile has woken nobody
    }
    const Convergence::Step step = convergence_.next(now);
    if (const auto* write_step = std::get_if<Convergence::Write>(&step)) {
      co_await write(write_step->goal);
      continue;
    }
    BootTime until = output_touched_ ? ignore_foreign_until_ : kNever;
    if (const auto* wait = std::get_if<Convergence::Wait>(&step)) {
      until = std::min(until, wait->until);
    } else if (!reload_running_ && now >= ask_readiness_at_) {
      reload_running_ = true;
      scope_.spawn(reload());
    } else if (!reload_running_) {
      until = std::min(until, ask_readiness_at_);
    }
    if (!co_await wait_until(changed_, parts_.clock, until)) co_return;
  }
}

Task<> Reconciler::write(Goal goal) {
  const BootTime authority_until = goal.role == Role::leader ? authority_until_() : kNever;
  const bool is_leader = goal.role == Role::leader;
  Result<> replaced = fail(Errc::cancelled, "without authority");
  if (parts_.clock.now() < authority_until) {
    const auto follower = is_leader ? configs_->follower : goal.text;
    replaced = co_await parts_.pool.run(
        [&] { return is_leader ? write_leader(*goal.text, *follower, authority_until) : write_follower(*goal.text); });
  }
  if (!replaced && replaced.error().code() == Errc::cancelled) {
    // The election asks for the follower's next; until it does, nothing else is to be done than what must not be.
    if (!convergence_.wants_written(goal, parts_.clock.now())) co_return;
    [[maybe_unused]] const Result<> woken = co_await wait_until(changed_, parts_.clock, parts_.clock.now() + 1s);
    co_return;
  }
  if (!replaced) {
    write_errors_.increment();
    status_.file_error = replaced.error().message();
    parts_.log.error("cannot write Prometheus' configuration",
                     {{"role", to_string(goal.role)}, {"err", replaced.error()}});
    report_failure(convergence_.write_failed(goal, parts_.clock.now()), replaced.error().message());
    co_return;
  }
  status_.file_error.clear();
  written_ = *goal.text;
  parts_.log.info("wrote Prometheus' configuration",
                  {{"role", to_string(goal.role)}, {"output", options_.output}, {"bytes", goal.text->size()}});
  convergence_.wrote(goal);
}

// On the CPU pool. Errc::cancelled: authority ended while the disk was slow, and the output is as it was.
Result<> Reconciler::write_leader(const std::string& text, const std::string& follower, BootTime authority_until) {
  if (parts_.files.read(standby_, kOutputBytesMax) != follower) TRY(parts_.files.replace(standby_, follower, 0600));
  if (parts_.files.read(options_.output, kOutputBytesMax) == text) return {};
  return parts_.files.replace_if(options_.output, text, 0600, [&] { return parts_.clock.now() < authority_until; });
}

// On the CPU pool.
Result<> Reconciler::write_follower(const std::string& text) {
  const Result<std::string> standby = parts_.files.read(standby_, kOutputBytesMax);
  if (standby == text) return parts_.files.rename(standby_, options_.output);
  if (parts_.files.read(options_.output, kOutputBytesMax) != text)
    TRY(parts_.files.replace(options_.output, text, 0600));
  // One that stays costs nothing but a needless demotion after a restart.
  if (standby) static_cast<void>(parts_.files.remove(standby_));
  return {};
}

// Sets the follower's text that an earlier process has left beside a leader's output as the goal.
Task<> Reconciler::take_back() {
  Result<std::string> standby = co_await parts_.pool.run([&] { return parts_.files.read(standby_, kOutputBytesMax); });
  if (configs_ || !standby) co_return;
  parts_.log.warn("there is no valid configuration; an earlier process has left a leader's, which is taken back",
                  {{"output", options_.output}});
  convergence_.aim({.role = Role::follower,
                    .text = std::make_shared<const std::string>(*std::move(standby)),
                    .rules_version = rules_version_},
                   parts_.clock.now());
}

// Someone else's change is put right and reported, but not more often than a retry: two writers must not spin.
Task<> Reconciler::check_output() {
  if (written_.empty()) co_return;
  const Result<std::string> found =
      co_await parts_.pool.run([&] { return parts_.files.read(options_.output, kOutputBytesMax); });
  if (found && *found == written_) co_return;
  ignore_foreign_until_ = after(parts_.clock.now(), options_.rounds.retry_delay);
  ++status_.foreign_writes;
  foreign_writes_.increment();
  parts_.log.warn("someone else changed Prometheus' configuration; writing it again. Only promfleet may write it",
                  {{"output", options_.output}});
  convergence_.lost_file();
}

Task<> Reconciler::reload() {
  const Readiness readiness = co_await parts_.prometheus.readiness();
  if (readiness == Readiness::not_ready && !co_await cancelled()) {
    parts_.log.debug("Prometheus is not ready; the reload waits");
  }
  const bool goes_on = std::holds_alternative<Convergence::Reload>(convergence_.next(parts_.clock.now()));
  if (readiness != Readiness::not_ready && goes_on && may_load() && !co_await cancelled()) {
    const BootTime sent_at = parts_.clock.now();
    convergence_.reload_sent(sent_at);
    announced_.reset();
    status_.reload_is_late = false;
    const Timer late = parts_.clock.call_at(after(sent_at, options_.notify_timeout), [this] {
      status_.reload_is_late = true;
      late_reloads_.increment();
      parts_.log.warn("Prometheus takes long to reload; waiting for it, since it executes what it was sent",
                      {{"after", options_.notify_timeout}});
    });
    ReloadAnswer answer{.kind = ReloadAnswer::Kind::not_listening, .detail = "connection refused"};
    if (readiness == Readiness::ready) answer = co_await send_reload();
    if (co_await cancelled()) co_return;
    co_await answered(answer, parts_.clock.now() - sent_at);
  } else if (readiness == Readiness::not_ready || goes_on) {  // else another goal, whose file comes first
    ask_readiness_at_ = after(parts_.clock.now(), options_.readiness_poll_period);
  }
  reload_running_ = false;
  changed_.notify();
}

// Prometheus must not load a leader's file for a member that was frozen out of its authority since it was written.
bool Reconciler::may_load() const {
  return convergence_.on_disk()->role == Role::follower || parts_.clock.now() < authority_until_();
}

Task<ReloadAnswer> Reconciler::send_reload() {
  const BootTime sent_at = parts_.clock.now();
  ReloadAnswer answer = co_await parts_.prometheus.reload();
  if (co_await cancelled()) co_return answer;
  const Duration took = parts_.clock.now() - sent_at;
  calls_.increment();
  if (answer.kind != ReloadAnswer::Kind::applied) call_errors_.increment();
  call_seconds_.observe(to_seconds(took));
  status_.last_reload_at = parts_.clock.wall_now();
  status_.last_reload_took = took;
  co_return answer;
}

Task<> Reconciler::answered(const ReloadAnswer& answer, Duration took) {
  const bool is_good = answer.kind == ReloadAnswer::Kind::applied;
  status_.reload_is_late = false;
  const Convergence::Outcome outcome = convergence_.reload_answered(answer, parts_.clock.now());
  // What Prometheus said of the newest text is told until that is in force, also while an older one runs.
  if (!is_good) status_.reload_error = answer.detail;
  if (convergence_.has_arrived()) status_.reload_error.clear();
  if (outcome == Convergence::Outcome::confirmed) {
    parts_.log.info("Prometheus runs its configuration",
                    {{"role", to_string(convergence_.confirmed()->role)}, {"took", took}});
    co_return;
  }
  if (outcome == Convergence::Outcome::superseded) co_return;
  parts_.log.error("Prometheus did not load its configuration",
                   {{"role", to_string(*wanted_)}, {"took", took}, {"err", answer.detail}});
  if (answer.kind == ReloadAnswer::Kind::rejected) co_await look_what_was_applied(*convergence_.goal());
  report_failure(outcome, answer.detail);
}

// Prometheus' reloaders go on after one fails, so a rejected configuration may be half applied. What matters is which
// queues run: for a demotion that the leader's have stopped, for a leader that all of them write.
Task<> Reconciler::look_what_was_applied(Goal goal) {
  const auto wanted = co_await parts_.pool.run([&] { return queues_in(*goal.text); });
  const auto running = co_await parts_.prometheus.remote_write_queues();
  for (const auto* queues : {&wanted, &running}) {
    if (*queues) continue;
    parts_.log.warn("cannot tell whether the right remote_write queues run", {{"err", queues->error()}});
    co_return;
  }
  if (convergence_.goal() != goal) co_return;
  if (goal.role == Role::follower && is_subset(*running, *wanted)) {
    parts_.log.warn("the rejected configuration is half applied: no queue of the leader runs, so the demotion counts");
    parts_.listener.on_confirmed(goal);
  }
  if (goal.role == Role::leader && is_subset(*running, *wanted) && running->size() == wanted->size()) {
    parts_.log.warn("the rejected configuration is half applied: the leader's queues run");
    parts_.listener.on_half_applied(goal);
  }
}

void Reconciler::announce() {
  if (!convergence_.is_settled() || announced_ == convergence_.confirmed()) return;
  // Copied: the listener may want another one at once.
  const Goal in_force = *convergence_.confirmed();
  announced_ = in_force;
  parts_.listener.on_confirmed(in_force);
}

void Reconciler::report_failure(Convergence::Outcome outcome, const std::string& why) {
  if (outcome != Convergence::Outcome::round_failed) return;
  const Goal goal = *convergence_.goal();
  const bool runs_role = convergence_.confirmed() && convergence_.confirmed()->role == goal.role;
  if (!runs_role) parts_.listener.on_round_failed(goal, why);
}

ReconcilerStatus Reconciler::status() const {
  ReconcilerStatus status = status_;
  status.wanted = wanted_;
  status.has_arrived = convergence_.has_arrived();
  if (convergence_.confirmed()) status.confirmed = convergence_.confirmed()->role;
  status.reload_sent_at = convergence_.reload_sent_at();
  return status;
}

}  // namespace promfleet::elector
