// The elector of one Prometheus replica: joins the election, the reconciler, the health of the local Prometheus and the
// users' files. What each tells goes to whom it concerns; nothing is decided here.
//
//   files ---> ConfigSource ---> Reconciler ---> output file, reload ---> Prometheus
//                                 ^      |
//                          assume |      | promoted, demoted
//                      relinquish |      v
//   lease <--> LeaseStore <--> ElectionRunner <--- HealthMonitor <--- Prometheus
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
#include "elector/health_monitor.h"
#include "elector/preflight_monitor.h"
#include "elector/prometheus/prometheus.h"
#include "elector/reconcile/reconciler.h"

namespace promfleet::elector {

struct SidecarOptions {
  std::string member;
  election::Timing timing;
  ConfigFiles config;
  ReconcilerOptions reconciler;
  HealthMonitorOptions health;
  std::vector<std::string> watched_folders;
};

class Sidecar final : public election::Leadership, public ReconcilerListener {
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

 private:
  void assume(const election::Term& term) override;
  void relinquish(election::Reason reason) override;
  void on_confirmed(const Goal& in_force) override;
  void on_half_applied(const Goal& leaders) override;
  void on_round_failed(const Goal& goal, const std::string& why) override;
  void on_configs(const RoleConfigs& configs);
  void on_broken_configs(std::optional<std::string> follower);
  void tell_fitness();

  Log log_;
  election::ElectionRunner runner_;
  Reconciler reconciler_;
  ConfigSource source_;
  HealthMonitor health_;
  PreflightMonitor preflight_;
  std::vector<std::unique_ptr<FolderChange>> folders_;  // of rules, and last the output's
};

}  // namespace promfleet::elector
