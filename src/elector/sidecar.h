// The elector of one Prometheus replica: joins the election, the reconciler, the health of the local Prometheus and the
// users' files. What each tells goes to whom it concerns; nothing is decided here.
//
//   files ---> ConfigSource ---> Reconciler ---> output file, reload ---> Prometheus
//                                 ^      |
//                          assume |      | promoted, demoted
//                      relinquish |      v
//   lease <--> LeaseStore <--> ElectionRunner <--- HealthMonitor <--- Prometheus
//
// With a gate (gate/) a promotion opens that at the same time, and a demotion counts only when it is closed, too.
//
// Thread safety: none; lives on one io thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/async/cpu_pool.h"
#include "core/async/task_scope.h"
#include "core/os/clock.h"
#include "core/os/file_system.h"
#include "core/os/file_watcher.h"
#include "core/telemetry/log.h"
#include "core/telemetry/metrics.h"
#include "election/leadership.h"
#include "election/runner.h"
#include "elector/config_source.h"
#include "elector/folder_change.h"
#include "elector/gate/gate.h"
#include "elector/health_monitor.h"
#include "elector/preflight_monitor.h"
#include "elector/prometheus/prometheus.h"
#include "elector/reconcile/reconciler.h"

namespace promfleet::elector {

struct SidecarOptions {
  std::string member;
  election::ProcessNumber process;
  election::Timing timing;
  ConfigFiles config;
  ReconcilerOptions reconciler;
  HealthMonitorOptions health;
  std::vector<std::string> watched_folders;
};

// What a gate needs beside what the sidecar has.
struct GateSetup {
  auth::FollowedConfig<GateConfig>& config;
  std::vector<net::Dialer*> dialers;  // of each entry
  OriginFile& origin_file;
  GateAddress address;  // where Prometheus finds it
};

class Sidecar final : public election::Leadership, public ReconcilerListener, public GateListener {
 public:
  // All outlive the sidecar.
  struct Parts {
    asio::io_context& io;
    Clock& clock;
    FileSystem& files;
    FileWatcher& watcher;
    CpuPool& pool;
    CpuPool& reading_pool;  // for files that others write: a mount that hangs keeps its threads
    Prometheus& prometheus;
    election::LeaseStore& store;
    election::TermFile& term_file;
    Registry& metrics;
    Log log;
    std::optional<GateSetup> gate;  // absent: Prometheus writes by itself where the leader's configuration says
  };

  Sidecar(const Parts& parts, const SidecarOptions& options);

  void start();
  // Demotes, then releases the lease; returns when both are done. Errc::unavailable at once: no configuration was ever
  // good, so there is none to demote with.
  Task<Result<>> leave();
  Task<> close();

  election::ElectionRunner& election() { return runner_; }
  const election::ElectionRunner& election() const { return runner_; }
  const Reconciler& reconciler() const { return reconciler_; }
  const ConfigSource& config() const { return source_; }
  const HealthMonitor& health() const { return health_; }
  const PreflightMonitor& preflight() const { return preflight_; }
  // Null where there is none.
  Gate* gate() { return gate_.get(); }
  const Gate* gate() const { return gate_.get(); }

 private:
  // Null where there is none.
  std::unique_ptr<Gate> make_gate(const Parts& parts, const SidecarOptions& options);
  PreflightMonitor::InspectWriter inspector(const Parts& parts) const;

  void assume(const election::Term& term, election::Reason reason) override;
  void relinquish(election::Reason reason) override;
  void overran() override;
  void on_confirmed(const Goal& in_force) override;
  void on_half_applied(const Goal& leaders) override;
  void on_round_failed(const Goal& goal, const std::string& why) override;
  void on_gate_closed() override;
  void on_gate_yields(election::Reason reason) override { runner_.yield(reason); }
  void on_handicap(Duration handicap) override { runner_.handicap_changed(handicap); }
  // When nothing of the leader's is at work any more.
  void tell_demotion();
  void on_configs(const RoleConfigs& configs);
  void on_broken_configs(std::optional<std::string> follower);
  void tell_fitness();

  Log log_;
  std::unique_ptr<Gate> gate_;
  bool is_gate_closed_ = true;
  bool is_prometheus_demoted_ = false;
  election::ElectionRunner runner_;
  Reconciler reconciler_;
  ConfigSource source_;
  HealthMonitor health_;
  PreflightMonitor preflight_;
  std::vector<std::unique_ptr<FolderChange>> folders_;  // of rules, and last the output's
};

}  // namespace promfleet::elector
