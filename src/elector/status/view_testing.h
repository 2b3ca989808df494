// Members in typical situations, for tests of what is made from a StatusView.
#pragma once

#include "elector/status/view.h"

namespace promfleet::elector {

inline constexpr election::LeaseTime kTermBegan = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) + 6h + 30min;
inline constexpr WallTime kViewTime = kTermBegan + 3h + 12min;
inline constexpr BootTime kViewBootTime{100h};

inline election::StoredLease lease_held_by(std::string holder) {
  return {.record = {.spec = {.holder = std::move(holder),
                              .duration = std::chrono::seconds(15),
                              .acquire_time = kTermBegan,
                              .renew_time = std::chrono::floor<std::chrono::microseconds>(kViewTime - 1s),
                              .transitions = 4}},
          .revision = election::LeaseRevision(81215)};
}

constexpr std::int64_t unix_ms(WallTime time) {
  return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

// One entry of a leader's gate, which is open.
inline OutletStatus open_outlet() {
  return {.name = "hub",
          .path = "/api/v1/write",
          .origin = "https://hub.example",
          .group = "monitoring/prometheus",
          .lateness = 90s,
          .receiver = ReceiverKind::fencing,
          .state = DestinationGate::State::open,
          .watermark_ms = unix_ms(kViewTime - 3s)};
}

// prometheus-0 leads, its Prometheus runs the leader's configuration, nothing is wrong.
inline StatusView sound_leader() {
  StatusView view{.now = kViewTime, .boot_now = kViewBootTime, .version = "1.2.3"};
  view.lease = "kubernetes: monitoring/prometheus";
  view.election.member = "prometheus-0";
  view.election.role = election::Role::leading;
  view.election.in_words = "leads";
  view.election.has_authority = true;
  view.election.authority_left = 9500ms;
  view.election.term = election::Term{.acquire_time = kTermBegan, .token = election::FencingToken(80042)};
  view.election.leader = "prometheus-0";
  view.election.leader_since = kTermBegan;
  view.election.lease = lease_held_by("prometheus-0");
  view.election.health = election::Health::fit;
  view.election.store_latency = 4ms;
  view.reconciler = {.wanted = Role::leader,
                     .confirmed = Role::leader,
                     .has_arrived = true,
                     .last_reload_at = kTermBegan + 1s,
                     .last_reload_took = 320ms};
  view.health = Health::healthy;
  view.leader_additions = "remote_write:\n  - url: https://storage.example/api/v1/write\n";
  view.history = {{.at = kTermBegan - 40s, .holder = "prometheus-1", .reason = election::Reason::acquired},
                  {.at = kTermBegan - 1s, .holder = "", .reason = election::Reason::released},
                  {.at = kTermBegan, .holder = "prometheus-0", .reason = election::Reason::acquired}};
  view.service = "prometheus";
  view.service_addresses = {"10.1.0.7", "10.1.0.8"};
  return view;
}

// The same member, following prometheus-1, with everything wrong that can be.
inline StatusView troubled_follower() {
  StatusView view = sound_leader();
  view.election.role = election::Role::demoting;
  view.election.in_words = "waits until Prometheus has confirmed the follower's configuration";
  view.election.has_authority = false;
  view.election.authority_left = 0s;
  view.election.term.reset();
  view.election.leader = "prometheus-1";
  view.election.lease = lease_held_by("prometheus-1");
  view.election.health = election::Health::unfit;
  view.election.is_paused = true;
  view.election.demotion_overruns = 1;
  view.election.store_error = "PUT leases/prometheus: connection refused";
  view.election.term_file_error = "locking the state file: open /out/state.lock: Read-only file system";
  view.reconciler = {.wanted = Role::follower,
                     .confirmed = Role::leader,
                     .reload_sent_at = kViewBootTime - 7s,
                     .reload_is_late = true,
                     .last_reload_at = kViewTime - 30s,
                     .last_reload_took = 2s,
                     .reload_error = "500: failed to reload config",
                     .file_error = "rename prometheus.yml: No space left on device",
                     .foreign_writes = 3};
  view.findings = {{.id = "lifecycle_disabled", .message = "start Prometheus with --web.enable-lifecycle"}};
  view.config_error = "elector.yaml: line 7, column 1: unknown key \"oops\"";
  view.web_config_error = "web.yml: line 1, column 1: unknown key \"tls\"";
  view.gate_config_error = "gate.yml: line 2, column 3: unknown key \"uri\"";
  view.http_config_error = "http.yml: open /secrets/password: No such file or directory";
  view.health = Health::unhealthy;
  view.health_error = "GET /-/healthy: 503 Service Unavailable";
  return view;
}

// prometheus-0 leads with a gate of one entry.
inline StatusView sound_leader_with_gate() {
  StatusView view = sound_leader();
  view.leader_additions = "";
  view.gate = GateStatus{.outlets = {open_outlet()}, .source_started_at = "2026-11-20T08:00:00Z"};
  return view;
}

// prometheus-1 leads, and prometheus-0 holds what its Prometheus writes.
inline StatusView follower_with_gate() {
  StatusView view = sound_leader_with_gate();
  view.election.role = election::Role::following;
  view.election.in_words = "follows prometheus-1";
  view.election.has_authority = false;
  view.election.authority_left = 0s;
  view.election.term.reset();
  view.election.leader = "prometheus-1";
  view.election.lease = lease_held_by("prometheus-1");
  view.reconciler.wanted = view.reconciler.confirmed = Role::follower;
  OutletStatus& outlet = view.gate->outlets[0];
  outlet.receiver = ReceiverKind::unknown;
  outlet.state = DestinationGate::State::closed;
  outlet.held_requests = 1;
  outlet.held_bytes = 123'456;
  view.gate->clock_difference_ms = 12;
  return view;
}

// Before anything is known.
inline StatusView newcomer() {
  StatusView view{.now = kViewTime, .boot_now = kViewBootTime, .version = "1.2.3", .lease = "file: /run/lease"};
  view.election.member = "prometheus-0";
  view.election.in_words = "has not started";
  view.health_error = "not ready yet";
  return view;
}

}  // namespace promfleet::elector
