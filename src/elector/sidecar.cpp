#include "elector/sidecar.h"

#include <algorithm>
#include <functional>

#include "net/auth/sources.h"

namespace promfleet::elector {

namespace {

election::ConfigHash hash_of(const std::string& text) {
  return election::ConfigHash(std::hash<std::string>()(text));
}

// How many of Prometheus' own queues only the leader has.
std::size_t queues_added(const RoleConfigs& configs) {
  return configs.leader_writes.size() - std::min(configs.leader_writes.size(), configs.follower_writes.size());
}

}  // namespace

Sidecar::Sidecar(const Parts& parts, const SidecarOptions& options)
    : log_(parts.log),
      gate_(make_gate(parts, options)),
      runner_({.executor = parts.io.get_executor(),
               .clock = parts.clock,
               .store = parts.store,
               .term_file = parts.term_file,
               .leadership = *this,
               .metrics = parts.metrics,
               .log = parts.log.component("election"),
               .progress = gate_.get()},
              options.member, options.process, options.timing),
      reconciler_({.io = parts.io,
                   .clock = parts.clock,
                   .files = parts.files,
                   .pool = parts.pool,
                   .prometheus = parts.prometheus,
                   .listener = *this,
                   .metrics = parts.metrics,
                   .log = parts.log.component("reconciler")},
                  options.reconciler, [this] { return runner_.authority_until(); }),
      source_({.io = parts.io,
               .clock = parts.clock,
               .files = parts.files,
               .watcher = parts.watcher,
               .pool = parts.reading_pool,
               .metrics = parts.metrics,
               .log = parts.log.component("config")},
              options.config,
              {.on_configs = [this](const RoleConfigs& configs) { on_configs(configs); },
               .on_broken = [this](std::optional<std::string> follower) { on_broken_configs(std::move(follower)); }}),
      health_({.io = parts.io,
               .clock = parts.clock,
               .prometheus = parts.prometheus,
               .metrics = parts.metrics,
               .log = parts.log.component("health")},
              options.health, [this](Health) { tell_fitness(); }),
      preflight_({.io = parts.io,
                  .clock = parts.clock,
                  .pool = parts.pool,
                  .prometheus = parts.prometheus,
                  .metrics = parts.metrics,
                  .log = parts.log.component("preflight"),
                  .inspect_writer = inspector(parts)},
                 {.output = options.reconciler.output,
                  .demotion_time = options.timing.lease_duration - options.timing.renew_deadline}) {
  const FolderChange::Parts folder_parts{.io = parts.io,
                                         .clock = parts.clock,
                                         .files = parts.files,
                                         .watcher = parts.watcher,
                                         .pool = parts.reading_pool,
                                         .log = parts.log.component("files")};
  for (const std::string& folder : options.watched_folders) {
    folders_.push_back(std::make_unique<FolderChange>(folder_parts, folder, FolderChange::all_below(folder),
                                                      [this] { reconciler_.rules_changed(); }));
  }
  // Whatever else lies beside the output, perhaps Prometheus' data, is not read.
  const std::string& output = options.reconciler.output;
  folders_.push_back(std::make_unique<FolderChange>(folder_parts, auth::folder_of(output), FolderChange::file(output),
                                                    [this] { reconciler_.output_touched(); }));
}

std::unique_ptr<Gate> Sidecar::make_gate(const Parts& parts, const SidecarOptions& options) {
  if (!parts.gate) return nullptr;
  return std::make_unique<Gate>(Gate::Parts{.executor = parts.io.get_executor(),
                                            .clock = parts.clock,
                                            .dialers = parts.gate->dialers,
                                            .config = parts.gate->config,
                                            .prometheus = parts.prometheus,
                                            .origin_file = parts.gate->origin_file,
                                            .listener = *this,
                                            .member = options.member,
                                            .leader = [this] { return runner_.leader(); },
                                            .has_authority = [this] { return runner_.has_authority(); },
                                            .metrics = parts.metrics,
                                            .log = parts.log.component("gate")},
                                options.timing.lease_duration);
}

PreflightMonitor::InspectWriter Sidecar::inspector(const Parts& parts) const {
  if (!gate_) return nullptr;
  return [this, address = parts.gate->address](const WriterConfig& config, LeaderAdds adds) {
    return gate_->inspect(config, address, adds);
  };
}

void Sidecar::start() {
  reconciler_.start();
  source_.start();
  health_.start();
  preflight_.start();
  for (const auto& folder : folders_) folder->start();
  if (gate_) gate_->start();
  runner_.start();
}

Task<Result<>> Sidecar::leave() {
  if (!reconciler_.has_goal() && !source_.error().empty()) {
    co_return fail(Errc::unavailable, "Prometheus stays as it is, for want of a good configuration: {}",
                   source_.error());
  }
  co_return co_await runner_.leave();
}

Task<> Sidecar::close() {
  co_await runner_.close();
  if (gate_) co_await gate_->close_tasks();
  for (const auto& folder : folders_) co_await folder->close();
  co_await preflight_.close();
  co_await health_.close();
  co_await source_.close();
  co_await reconciler_.close();
}

void Sidecar::assume(const election::Term& term, election::Reason reason) {
  log_.info("leads; Prometheus gets the leader's configuration", {{"token", term.token.value()}});
  if (gate_) {
    is_gate_closed_ = false;
    gate_->open(term, reason);
  }
  reconciler_.want(Role::leader);
}

void Sidecar::relinquish(election::Reason reason) {
  log_.info("follows; Prometheus gets the follower's configuration", {{"reason", to_string(reason)}});
  is_prometheus_demoted_ = false;
  reconciler_.want(Role::follower);
  if (gate_) {
    is_gate_closed_ = false;
    gate_->close(reason);
  }
}

// A gate lets nothing through without authority; but what leadership adds to Prometheus' own remote_write is past it.
void Sidecar::overran() {
  if (gate_ && (!source_.current() || queues_added(*source_.current()) == 0)) {
    log_.warn(
        "the lease has expired, and the demotion is still not confirmed; the gate has passed nothing on since "
        "this member lost authority");
  } else {
    log_.error("the lease has expired, and the demotion is still not confirmed: two members may be writing");
  }
}

void Sidecar::on_gate_closed() {
  is_gate_closed_ = true;
  tell_demotion();
}

void Sidecar::tell_demotion() {
  if (is_gate_closed_ && is_prometheus_demoted_) runner_.demoted();
}

// A leader's older text that is in force does not make the newest one load (rule 7 of the election).
void Sidecar::on_confirmed(const Goal& in_force) {
  preflight_.look_again();
  if (in_force.role == Role::leader) {
    runner_.promoted(hash_of(*in_force.text));
  } else {
    is_prometheus_demoted_ = true;
    tell_demotion();
  }
}

void Sidecar::on_half_applied(const Goal&) {
  runner_.promoted(std::nullopt);
}

void Sidecar::on_round_failed(const Goal& goal, const std::string&) {
  if (goal.role == Role::leader) runner_.promotion_failed(hash_of(*goal.text));
}

void Sidecar::on_configs(const RoleConfigs& configs) {
  preflight_.leader_queues(queues_added(configs));
  runner_.config_changed(hash_of(configs.leader));
  reconciler_.configure({.follower = std::make_shared<const std::string>(configs.follower),
                         .leader = std::make_shared<const std::string>(configs.leader)});
  tell_fitness();
}

// Without what leadership adds, this member can only follow.
void Sidecar::on_broken_configs(std::optional<std::string> follower) {
  if (!follower) return reconciler_.do_without_configs();
  reconciler_.configure({.follower = std::make_shared<const std::string>(*std::move(follower)), .leader = nullptr});
}

// A Prometheus that is well, and something to give it as the leader's.
void Sidecar::tell_fitness() {
  const bool is_fit = health_.verdict() == Health::healthy && source_.current();
  runner_.health_changed(is_fit ? election::Health::fit : election::Health::unfit);
}

}  // namespace promfleet::elector
