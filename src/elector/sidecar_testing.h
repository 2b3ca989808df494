// A group of Prometheus replicas, each with its sidecar, over one lease in memory, in simulated time.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "core/async/task_scope.h"
#include "core/os/simulated_clock.h"
#include "core/os/simulated_file_system.h"
#include "core/os/simulated_file_watcher.h"
#include "core/telemetry/log_testing.h"
#include "election/simulated_lease_store.h"
#include "election/term_file_testing.h"
#include "elector/prometheus/prometheus_testing.h"
#include "elector/sidecar.h"

namespace promfleet::elector {

// A configuration whose leader writes to http://`remote` too.
inline std::string config(std::string_view remote) {
  return fmt::format(
      "follower: {{remote_write: [{{url: http://all}}]}}\n"
      "leader: {{remote_write: [{{url: http://{}}}]}}\n",
      remote);
}
// What config("one") makes of each role.
inline const char* const kFollowers = "remote_write:\n  - url: http://all\n";
inline const char* const kLeaders = "remote_write:\n  - url: http://all\n  - url: http://one\n";

// A Prometheus that is always there, and an elector that may be killed and started again.
class Replica {
 public:
  Replica(std::string member, asio::io_context& io, SimulatedClock& clock, election::SimulatedLease& lease,
          RoundLimits rounds)
      : store(lease, clock, io.get_executor()),
        prometheus(io, clock, files, "/out/prometheus.yml"),
        io_(io),
        clock_(clock),
        closing_(io.get_executor()) {
    options_.member = std::move(member);
    options_.config.config = "/elector.yml";
    options_.reconciler = {.output = "/out/prometheus.yml", .rounds = rounds};
    options_.health = {.readiness = HealthMonitorOptions::Readiness::awaited,
                       .checks = HealthMonitorOptions::Checks::on};
    options_.watched_folders = {"/rules"};
    put_config(config("one"));
  }
  ~Replica() { kill(); }

  // From the next start on its Prometheus writes to a gate, which leads to what `dialer` leads to.
  void use_gate(net::Dialer& dialer, std::string_view gate_config) {
    ASSERT_TRUE(files.replace("/gate.yml", gate_config, 0600));
    to_receiver_ = &dialer;
  }

  void start() {
    metrics_ = std::make_unique<Registry>();
    std::optional<GateSetup> gate;
    if (to_receiver_ != nullptr) gate.emplace(gate_setup());
    sidecar_ = std::make_unique<Sidecar>(Sidecar::Parts{.io = io_,
                                                        .clock = clock_,
                                                        .files = files,
                                                        .watcher = watcher,
                                                        .pool = pool_,
                                                        .reading_pool = pool_,
                                                        .prometheus = prometheus,
                                                        .store = store,
                                                        .term_file = term_file,
                                                        .metrics = *metrics_,
                                                        .log = Log(sink, clock_, LogFormat::logfmt, LogLevel::info),
                                                        .gate = gate},
                                         options_);
    leaving_.emplace(io_.get_executor());
    sidecar_->start();
  }
  // The elector ends without a word; Prometheus goes on.
  void kill() {
    if (!sidecar_) return;
    leaving_->cancel();
    closing_.spawn(sidecar_->close());
    clock_.advance(io_, 0s);
    EXPECT_EQ(leaving_->running() + closing_.running(), 0u);
    sidecar_.reset();
  }
  // What came of it is found in `has_left`.
  void leave() {
    leaving_->spawn([](Replica& self) -> Task<> { self.has_left = co_await self.sidecar_->leave(); }(*this));
  }

  void put_config(const std::string& text) { ASSERT_TRUE(files.replace("/elector.yml", text, 0600)); }
  void change_config(const std::string& text) {
    put_config(text);
    watcher.touch("/");
    clock_.advance(io_, 0s);
  }

  Sidecar& sidecar() { return *sidecar_; }
  bool is_running() const { return sidecar_ != nullptr; }
  bool leads() const { return sidecar_ && sidecar_->election().has_authority(); }
  election::Role role() const { return sidecar_->election().status().role; }
  std::string output() { return files.read("/out/prometheus.yml", 1000).value_or("nothing"); }
  // Why leadership changed, as this member saw it.
  std::vector<election::Reason> reasons() const {
    std::vector<election::Reason> reasons;
    for (const auto& past : sidecar_->election().history().transitions()) reasons.push_back(past.reason);
    return reasons;
  }

  SimulatedFileSystem files;
  SimulatedFileWatcher watcher;
  election::MemoryTermFile term_file;
  election::SimulatedLeaseStore store;
  SimulatedPrometheus prometheus;
  MemorySink sink;
  std::optional<Result<>> has_left;

 private:
  GateSetup gate_setup() {
    gate_config_ =
        auth::FollowedConfig<GateConfig>::create(
            {.executor = io_.get_executor(),
             .files = files,
             .pool = pool_,
             .clock = clock_,
             .metrics = *metrics_,
             .log = Log(sink, clock_, LogFormat::logfmt, LogLevel::info)},
            "/gate.yml", [](auth::Sources& sources) { return load_gate_config(sources, "/gate.yml", "g", {}); })
            .value();
    return {.config = *gate_config_,
            .dialers = {to_receiver_},
            .origin_file = origin_file_,
            .address = GateAddress("127.0.0.1:9096")};
  }

  asio::io_context& io_;
  SimulatedClock& clock_;
  CpuPool pool_{0};
  OriginFile origin_file_{files, pool_, "/out/gate-state"};
  net::Dialer* to_receiver_ = nullptr;  // null: there is no gate
  std::unique_ptr<auth::FollowedConfig<GateConfig>> gate_config_;
  SidecarOptions options_;
  std::unique_ptr<Registry> metrics_;
  std::unique_ptr<Sidecar> sidecar_;
  std::optional<TaskScope> leaving_;
  TaskScope closing_;
};

class Group {
 public:
  Replica& added(std::string member, RoundLimits rounds = {.attempts = 2, .retry_delay = 1s}) {
    return *replicas_.emplace_back(std::make_unique<Replica>(std::move(member), io_, clock, lease, rounds));
  }
  Replica& started(std::string member, RoundLimits rounds = {.attempts = 2, .retry_delay = 1s}) {
    Replica& replica = added(std::move(member), rounds);
    replica.start();
    pass(0s);
    return replica;
  }
  // The first one, which has waited for the lease.
  Replica& leader(std::string member, RoundLimits rounds = {.attempts = 2, .retry_delay = 1s}) {
    Replica& replica = started(std::move(member), rounds);
    pass(15s);
    EXPECT_TRUE(replica.leads());
    return replica;
  }

  void pass(Duration time) { clock.advance(io_, time); }
  asio::io_context& io() { return io_; }
  // At most an hour.
  void pass_until(const std::function<bool()>& is_met) {
    for (int step = 0; step < 3600 && !is_met(); ++step) pass(1s);
    EXPECT_TRUE(is_met());
  }

 private:
  asio::io_context io_;

 public:
  SimulatedClock clock;
  election::SimulatedLease lease;

 private:
  std::vector<std::unique_ptr<Replica>> replicas_;
};

}  // namespace promfleet::elector
