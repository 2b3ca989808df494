// Makes the local Prometheus run what its role asks for: the one owner of the output file and of reloads.
//
// It holds the role that is wanted and the newest valid configuration, and works until Prometheus has confirmed
// (convergence.h decides each step); whatever happens only wakes it. So nothing that fails is forgotten.
//
// A leader's file is written only once the follower's lies beside it, as OUTPUT.follower: so a demotion needs neither
// space on the disk nor users' files that are whole, also in a process that has just started. Where OUTPUT.follower is
// missing, the output is a follower's.
//
// Thread safety: none; lives on one io thread. Files are written on the CPU pool.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/async/cpu_pool.h"
#include "core/async/signal.h"
#include "core/async/task_scope.h"
#include "core/os/clock.h"
#include "core/os/file_system.h"
#include "core/telemetry/log.h"
#include "core/telemetry/metrics.h"
#include "elector/prometheus/prometheus.h"
#include "elector/reconcile/convergence.h"

namespace promfleet::elector {

// What the users' files say, for each role.
struct DesiredConfigs {
  std::shared_ptr<const std::string> follower;
  std::shared_ptr<const std::string> leader;  // null: not known, and this member is not told to lead
};

struct ReconcilerOptions {
  std::string output;  // path
  RoundLimits rounds;
  Duration notify_timeout = 2s;
  Duration readiness_poll_period = 1s;
};

// Told on the io thread, from within the reconciler's own tasks.
class ReconcilerListener {
 public:
  virtual ~ReconcilerListener() = default;

  // Prometheus runs `in_force`, whose role is the one that is wanted; its text may be an older one than the newest,
  // which was rejected. Told once after each want(), after each configure() that finds its text in force, and after
  // each reload that leaves one of that role in force.
  virtual void on_confirmed(const Goal& in_force) = 0;
  // Prometheus has rejected `leaders`, but runs all of its queues.
  virtual void on_half_applied(const Goal& leaders) = 0;
  // A round of attempts to load `goal` has failed, and Prometheus does not run an older one of its role. The reconciler
  // goes on.
  virtual void on_round_failed(const Goal& goal, const std::string& why) = 0;
};

// For the status page, healthz and metrics.
struct ReconcilerStatus {
  std::optional<Role> wanted;     // nullopt: the election has not said yet
  std::optional<Role> confirmed;  // nullopt: what Prometheus runs is not known
  bool has_arrived = false;       // the newest configuration of the wanted role is in force
  std::optional<BootTime> reload_sent_at;
  bool reload_is_late = false;
  std::optional<WallTime> last_reload_at;
  std::optional<Duration> last_reload_took;
  std::string reload_error;          // of the last answer; empty: it was good
  std::string file_error;            // of the last write; empty: it was good
  std::uint64_t foreign_writes = 0;  // how often someone else changed the output
};

class Reconciler {
 public:
  struct Parts {
    asio::io_context& io;
    Clock& clock;
    FileSystem& files;
    CpuPool& pool;
    Prometheus& prometheus;
    ReconcilerListener& listener;
    Registry& metrics;
    Log log;
  };

  // `authority_until` tells when the authority to lead ends; BootTime::min(): there is none. It is asked before a
  // leader's file is written or loaded.
  Reconciler(Parts parts, ReconcilerOptions options, std::function<BootTime()> authority_until);

  void start();
  // Ends its tasks; the file stays as it is.
  Task<> close() { co_await scope_.close(); }

  // What Prometheus should be from now on.
  void want(Role role);
  // The newest valid configuration.
  void configure(DesiredConfigs configs);
  // There is no valid configuration yet. A leader's output that an earlier process has left is taken back all the same.
  void do_without_configs();
  // Whether there is anything to make Prometheus run.
  bool has_goal() const { return convergence_.goal().has_value(); }
  // Watched rules changed: the same configuration has to be reloaded.
  void rules_changed();
  // Something in the folder of the output changed: looks whether it was someone else.
  void output_touched();

  ReconcilerStatus status() const;

 private:
  Task<> run();
  Task<> write(Goal goal);
  Result<> write_leader(const std::string& text, const std::string& follower, BootTime authority_until);
  Result<> write_follower(const std::string& text);
  Task<> take_back();
  bool may_load() const;
  Task<> reload();
  Task<> check_output();
  // Counts it, too.
  Task<ReloadAnswer> send_reload();
  Task<> answered(const ReloadAnswer& answer, Duration took);
  Task<> look_what_was_applied(Goal goal);
  void update_goal();
  void announce();
  void report_failure(Convergence::Outcome outcome, const std::string& why);

  Parts parts_;
  ReconcilerOptions options_;
  std::function<BootTime()> authority_until_;
  std::string standby_;  // path of the follower's file beside a leader's
  Convergence convergence_;
  std::optional<Role> wanted_;  // nullopt: the election has not said yet, and nothing is touched
  std::optional<DesiredConfigs> configs_;
  std::uint64_t rules_version_ = 0;

  bool reload_running_ = false;  // from the readiness check to the answer
  BootTime ask_readiness_at_{};
  bool output_touched_ = false;
  bool must_take_back_ = false;
  std::optional<Goal> announced_;  // what the listener was told since the last want() and reload
  BootTime ignore_foreign_until_{};
  std::string written_;  // what the output held when we wrote last
  ReconcilerStatus status_;

  Counter& calls_;
  Counter& call_errors_;
  Histogram& call_seconds_;
  Counter& late_reloads_;
  Counter& foreign_writes_;
  Counter& write_errors_;
  Signal changed_;
  TaskScope scope_;
};

}  // namespace promfleet::elector
