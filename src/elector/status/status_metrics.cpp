#include "elector/status/status_metrics.h"

namespace promfleet::elector {

namespace {

Gauge& confirmed_role(Registry& registry, Role role) {
  return registry.gauge("promfleet_elector_prometheus_role",
                        "1 for the role whose configuration the local Prometheus is known to run.",
                        {{"role", std::string(to_string(role))}});
}

double flag(bool truth) {
  return truth ? 1 : 0;
}

}  // namespace

StatusMetrics::StatusMetrics(Registry& registry, const std::string& member)
    : is_leader_(
          registry.gauge("prometheus_elector_election_is_leader", "1 if this member leads.", {{"member_id", member}})),
      last_transition_(registry.gauge("prometheus_elector_election_last_transition_time_seconds",
                                      "When leadership changed last, as this member saw it; 0 before the first time.")),
      paused_(registry.gauge("promfleet_elector_paused", "1 if an operator keeps this member from taking over.")),
      reconciled_(registry.gauge("promfleet_elector_reconciled",
                                 "1 if the local Prometheus runs the newest configuration of its role.")),
      runs_follower_(confirmed_role(registry, Role::follower)),
      runs_leader_(confirmed_role(registry, Role::leader)),
      reload_running_(registry.gauge("promfleet_elector_reload_running_seconds",
                                     "How long the reload that is under way has been; 0 without one.")) {}

void StatusMetrics::show(const StatusView& view) const {
  is_leader_.set(flag(view.election.has_authority));
  if (view.election.last_transition) {
    last_transition_.set(to_seconds(view.election.last_transition->time_since_epoch()));
  }
  paused_.set(flag(view.election.is_paused));
  const ReconcilerStatus& reconciler = view.reconciler;
  reconciled_.set(flag(reconciler.has_arrived));
  runs_follower_.set(flag(reconciler.confirmed == Role::follower));
  runs_leader_.set(flag(reconciler.confirmed == Role::leader));
  reload_running_.set(reconciler.reload_sent_at ? to_seconds(view.boot_now - *reconciler.reload_sent_at) : 0);
}

}  // namespace promfleet::elector
