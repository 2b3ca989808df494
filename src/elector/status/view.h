// All that one member can show of itself at one moment: a value that JSON, page and health check are made from.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "election/history.h"
#include "election/status.h"
#include "elector/gate/gate_status.h"
#include "elector/prometheus/health_threshold.h"
#include "elector/prometheus/preflight.h"
#include "elector/reconcile/reconciler.h"

namespace promfleet::elector {

struct StatusView {
  WallTime now{};
  BootTime boot_now{};
  std::string version;
  std::string lease;  // "kubernetes: monitoring/prometheus"
  election::ElectionStatus election;
  std::deque<election::PastTransition> history;
  ReconcilerStatus reconciler;
  std::vector<Finding> findings;
  // Why the files as they are now are not in force; empty: they are.
  std::string config_error;
  std::string web_config_error;                // of -web.config.file
  std::string http_config_error;               // of -prometheus.http-config
  std::string gate_config_error;               // of -gate-config
  std::string leader_additions;                // YAML, secrets masked
  std::optional<Health> health;                // of the local Prometheus; nullopt: it has never been ready
  std::string health_error;                    // of the last probe; empty: it was good
  std::string service;                         // the proxy's; empty: there is no proxy
  std::vector<std::string> service_addresses;  // what it resolves to
  std::optional<GateStatus> gate;
};

// A name that is or was a member's.
struct KnownMember {
  std::string name;
  bool is_leader = false;
  bool is_self = false;

  bool operator==(const KnownMember&) const = default;
};

// This member, who leads, and who has held the lease as far as the history goes; by name.
std::vector<KnownMember> known_members(const StatusView& view);

// Why the local Prometheus is not fit to lead, or may soon be found so; empty: it is fit.
std::string prometheus_trouble(const StatusView& view);

// What does not work, and what a person can do about it; both are whole sentences or clauses, without markup.
struct Problem {
  std::string what;
  std::string advice;  // empty: `what` says it

  bool operator==(const Problem&) const = default;
};

// The most pressing first. Empty: everything works.
std::vector<Problem> problems(const StatusView& view);

}  // namespace promfleet::elector
