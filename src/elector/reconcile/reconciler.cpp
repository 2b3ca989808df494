#include "elector/reconcile/reconciler.h"

#include <algorithm>
#include <utility>

namespace promfleet::elector {

namespace {

// A Prometheus configuration with all its rules inline is far below; larger than what we would ever write.
constexpr std::size_t kOutputBytesMax = 64 * 1024 * 1024;

bool is_follower_queue(const RunningQueue& queue, const std::vector<RunningQueue>& follower_queues) {
  return std::ranges::any_of(follower_queues, [&](const RunningQueue& allowed) {
    return allowed.url == queue.url && (allowed.name.empty() || allowed.name == queue.name);
  });
}

}  // namespace

Reconciler::Reconciler(Parts parts, ReconcilerOptions options, std::function<bool()> has_authority)
    : parts_(std::move(parts)),
      options_(std::move(options)),
      has_authority_(std::move(has_authority)),
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
  convergence_.aim({.role = *wanted_, .text = text, .rules_version = rules_version_}, parts_.clock.now());
  // Nothing will be loaded that could be told of.
  if (convergence_.has_arrived()) announced_.reset();
  changed_.notify();
}

Task<> Reconciler::run() {
  while (!co_await cancelled()) {
    announce();
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
  if (goal.role == Role::leader && !has_authority_()) {
    // The election asks for the follower's next; until then nothing is written.
    [[maybe_unused]] const Result<> woken = co_await wait_until(changed_, parts_.clock, parts_.clock.now() + 1s);
    co_return;
  }
  const Result<> replaced = co_await parts_.pool.run([&]() -> Result<> {
    const Result<std::string> existing = parts_.files.read(options_.output, kOutputBytesMax);
    if (existing && *existing == *goal.text) return {};
    return parts_.files.replace(options_.output, *goal.text, 0600);
  });
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

// Someone else's change is put right and reported, but not more often than a retry: two writers must not spin.
Task<> Reconciler::check_output() {
  if (written_.empty()) co_return;
  const Result<std::string> found =
      co_await parts_.pool.run([&] { return parts_.files.read(options_.output, kOutputBytesMax); });
  if (found && *found == written_) co_return;
  ignore_foreign_until_ = parts_.clock.now() + options_.rounds.retry_delay;
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
  if (readiness != Readiness::not_ready && goes_on && !co_await cancelled()) {
    const BootTime sent_at = parts_.clock.now();
    convergence_.reload_sent(sent_at);
    announced_.reset();
    status_.reload_is_late = false;
    const Timer late = parts_.clock.call_at(sent_at + options_.notify_timeout, [this] {
      status_.reload_is_late = true;
      late_reloads_.increment();
      parts_.log.warn("Prometheus takes long to reload; waiting for it, since it executes what it was sent",
                      {{"after", options_.notify_timeout}});
    });
    ReloadAnswer answer{.kind = ReloadAnswer::Kind::not_listening, .detail = "connection refused"};
    if (readiness == Readiness::ready) answer = co_await parts_.prometheus.reload();
    if (co_await cancelled()) co_return;
    co_await answered(answer, parts_.clock.now() - sent_at);
  } else {
    ask_readiness_at_ = parts_.clock.now() + options_.readiness_poll_period;
  }
  reload_running_ = false;
  changed_.notify();
}

Task<> Reconciler::answered(const ReloadAnswer& answer, Duration took) {
  const bool is_good = answer.kind == ReloadAnswer::Kind::applied;
  calls_.increment();
  if (!is_good) call_errors_.increment();
  call_seconds_.observe(to_seconds(took));
  status_.last_reload_at = parts_.clock.wall_now();
  status_.last_reload_took = took;
  status_.reload_error = is_good ? "" : answer.detail;
  status_.reload_is_late = false;

  const Convergence::Outcome outcome = convergence_.reload_answered(answer, parts_.clock.now());
  if (outcome == Convergence::Outcome::confirmed) {
    parts_.log.info("Prometheus runs its configuration",
                    {{"role", to_string(convergence_.confirmed()->role)}, {"took", took}});
    co_return;
  }
  if (outcome == Convergence::Outcome::superseded) co_return;
  parts_.log.error("Prometheus did not load its configuration",
                   {{"role", to_string(*wanted_)}, {"took", took}, {"err", answer.detail}});
  // Reloaders go on after one fails: what matters for a demotion is that the leader's queues have stopped.
  const bool may_be_demoted = wanted_ == Role::follower && answer.kind == ReloadAnswer::Kind::rejected;
  if (may_be_demoted && co_await runs_only_follower_queues() && wanted_ == Role::follower) {
    parts_.log.warn("the rejected configuration is half applied: no queue of the leader runs, so the demotion counts");
    const Goal follower = *convergence_.goal();
    parts_.listener.on_confirmed(follower);
  }
  report_failure(outcome, answer.detail);
}

Task<bool> Reconciler::runs_only_follower_queues() {
  const Result<std::vector<RunningQueue>> queues = co_await parts_.prometheus.remote_write_queues();
  if (!queues) {
    parts_.log.warn("cannot tell which remote_write queues run", {{"err", queues.error()}});
    co_return false;
  }
  co_return std::ranges::all_of(
      *queues, [&](const RunningQueue& queue) { return is_follower_queue(queue, configs_->follower_queues); });
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
