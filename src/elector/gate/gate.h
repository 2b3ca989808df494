// The gate between the local Prometheus and the receivers that the group writes to: passes on what a leader's
// Prometheus writes, and holds what a follower's writes until the leader's has arrived.
//
// Prometheus always writes to its own gate, so its WAL keeps what is held; a promotion opens the gate, and a sidecar
// that is dead or frozen stops its Prometheus from writing. What may pass is decided in destination_gate.h, which
// process of Prometheus writes in source_check.h; a request's way is write_passage.h.
//
//   gate.start();
//   server.serve(gate.handler());
//   gate.open(term, Reason::acquired);   // this member leads
//   gate.close(Reason::stepped_down);    // and no more: on_closed() when nothing of it is on its way
//
// Thread safety: none; lives on one io thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/async/cpu_pool.h"
#include "core/async/signal.h"
#include "core/async/task_scope.h"
#include "core/os/clock.h"
#include "core/os/file_system.h"
#include "core/telemetry/log.h"
#include "core/telemetry/metrics.h"
#include "election/events.h"
#include "election/progress.h"
#include "elector/gate/clock_difference.h"
#include "elector/gate/gate_address.h"
#include "elector/gate/gate_preflight.h"
#include "elector/gate/gate_status.h"
#include "elector/gate/origin_file.h"
#include "elector/gate/outlet.h"
#include "elector/gate/source_check.h"
#include "elector/prometheus/prometheus.h"
#include "net/http/exchange.h"

namespace promfleet::elector {

// What the gate tells the election.
class GateListener {
 public:
  virtual ~GateListener() = default;
  // After close(): nothing is on its way any more.
  virtual void on_gate_closed() = 0;
  // This member leads, and lacks samples that another may have.
  virtual void on_gate_yields(election::Reason reason) = 0;
  virtual void on_handicap(Duration handicap) = 0;
};

class Gate final : public election::Progress {
 public:
  // All outlive the gate.
  struct Parts {
    Executor executor;
    Clock& clock;
    std::vector<net::Dialer*> dialers;  // of each entry
    auth::FollowedConfig<GateConfig>& config;
    Prometheus& prometheus;
    OriginFile& origin_file;
    GateListener& listener;
    std::string member;                   // as the lease knows it
    std::function<std::string()> leader;  // the member who leads, as far as is known
    // Rule 1 of the election: whether this member may act as leader at this moment.
    std::function<bool()> has_authority;
    Registry& metrics;
    Log log;
  };

  Gate(Parts parts, Duration lease_duration);

  void start();
  // Requests that wait are answered with 503, and none is held any more.
  void stop();
  Task<> close_tasks() { co_await tasks_.close(); }

  // Refers to this gate, which outlives it.
  http::Handler handler();

  void open(const election::Term& term, election::Reason reason);
  void close(election::Reason reason);

  std::optional<std::string> to_tell() const override;
  void heard(const std::string& told) override;

  GateStatus status() const;
  // What does not fit in the configuration that the local Prometheus runs. The gate tells its labels to others.
  std::vector<Finding> inspect(const WriterConfig& config, const GateAddress& address, LeaderAdds leader_adds);

 private:
  friend class WritePassage;

  // Where several streams may lead to.
  struct Destination {
    DestinationGate gate;
    std::string group;
    std::vector<Outlet*> outlets;
    ReceiverKind kind = ReceiverKind::unknown;
    bool is_being_fenced = false;
    bool has_opened = false;  // in this term
    std::string problem;      // of the last attempt to fence
  };

  void connect();
  Task<> serve(http::Exchange& exchange);
  // Something that a waiting request or the election may depend on is not as it was.
  void changed();

  // What the destination says of our term, asked for until it has said something.
  void fence(Destination& destination);
  Task<> fence_until_known(Destination& destination);
  void opened(Destination& destination, ReceiverKind kind);
  void take_fence_answer(Destination& destination, const remote_write::FenceAttempt& attempt);
  // What it says of it in answer to a write.
  void fence_again(const Outlet& outlet);
  void shut_out(Outlet& outlet, const std::string& why);
  Destination& destination_of(const Outlet& outlet);
  bool is_term(const election::Term& term) const { return term_ && *term_ == term; }

  // Whether the process behind this connection is the one that this term is bound to; asks it if need be.
  Task<Result<>> check_source(http::ConnectionNumber connection);
  void bind_term();
  // Prometheus has broken off: what it offered is gone with it, as far as we know.
  void source_lost();
  // A batch has come whose samples follow on those before, or do not.
  void arrived(Outlet& outlet, const Batch& batch);
  void yield(election::Reason reason);
  // For the answer to a request that was held in vain.
  std::string why_held(const Outlet& outlet, const std::string& last_problem) const;

  // nullopt: the gate closes, or is closed.
  Task<std::optional<remote_write::WriteAnswer>> send(Outlet& outlet, remote_write::Version version,
                                                      std::string_view body);
  void sent();
  Task<> keep_origin();

  std::int64_t wall_ms() const;
  void show_metrics() const;
  Authority authority() const { return parts_.has_authority() ? Authority::present : Authority::absent; }
  void tell_handicap();

  Parts parts_;
  Duration lease_duration_;
  Gauge& clock_difference_gauge_;
  Gauge& handicap_gauge_;
  std::vector<std::unique_ptr<Destination>> destinations_;
  std::vector<std::unique_ptr<Outlet>> outlets_;
  remote_write::BodyDecoder decoder_;

  std::optional<election::Term> term_;
  std::string term_started_at_;  // of the process that the term is bound to; empty: of none yet
  SourceCheck source_;
  std::optional<TermOrigin> saved_origin_;
  std::optional<TermOrigin> origin_to_save_;
  ClockDifference clock_difference_;
  bool has_heard_ = false;
  std::string heard_leader_;                       // when something was heard last
  std::optional<ExternalLabels> external_labels_;  // of the local Prometheus
  std::optional<GateProgress> leaders_progress_;   // as told last
  Duration handicap_{0};

  std::size_t sends_ = 0;  // under way
  bool is_closing_ = false;
  bool aborts_sends_ = false;
  bool is_stopped_ = false;
  Timer abort_timer_;
  Signal changed_;
  TaskScope tasks_;
};

}  // namespace promfleet::elector
