// One member: a candidate with the real election machine whose leading is a gate, and the Prometheus beside it. Both
// live on one host, with one wall clock.
#pragma once

#include <optional>
#include <vector>

#include "tests/sim/candidate.h"
#include "tests/sim/gate/simulated_gate.h"
#include "tests/sim/gate/writer.h"

namespace promfleet::sim::gate {

class Elector final : public Candidate, private GateHost, private PostBox {
 public:
  // Whether a Prometheus that is gone is noticed otherwise than by what it does not write.
  enum class Probing : std::uint8_t { none, of_health };

  Elector(const Setup& setup, const Writer::Setup& writer, Probing probing, const World& world, Receiver& receiver);

  void start() override;
  // With the pod's disk.
  void lose_files();

  // Nothing keeps it from leading but for its handicap.
  bool could_lead();
  Duration handicap() const { return machine().handicap(); }

  // Freezes when it sends something to the receiver next, between the decision and the sending; then `frozen` happens.
  void freeze_in_sending(Duration how_long, std::function<void()> frozen);

  Writer& writer() { return writer_; }
  Link& receiver_link() { return receiver_link_; }

 private:
  // Candidate's.
  void promote(const election::Promote& command) override;
  void demote(const election::Demote& command) override;
  void about_to_write(election::LeaseRecord& record) override;
  bool hears(const election::Event& event) override;
  void handled(const election::Event&) override {}
  void ended() override;

  // GateHost's.
  BootTime now() override { return clock().boot(world_.timeline.now()); }
  std::int64_t wall_ms() override;
  void at(BootTime when, std::function<void()> happens) override;
  bool has_authority() override { return term_with_authority().has_value(); }
  void write(std::uint64_t token, const BatchPtr& batch, Receiver::Answered answered) override;
  void fence(const remote_write::FenceRequest& request, Receiver::Answered answered) override;
  void ask_start_time(std::function<void(std::optional<std::string>)> answered) override;
  std::optional<elector::TermOrigin>& origin_file() override { return origin_file_; }
  void gate_closed() override;
  void gate_yields(election::Reason reason) override { tell(election::Yielded{reason}); }
  void handicap_changed(Duration handicap) override { happens_first(election::HandicapChanged{handicap}); }
  std::string_view name_in_trace() override { return name(); }

  // PostBox's.
  http::ConnectionNumber connect(std::optional<http::ConnectionNumber> former) override;
  void post(const PostPtr& post) override;
  void leave(const PostPtr& post) override;

  void probe();
  void tell_demotion();
  void send_to_receiver(std::function<void()> arrives, std::function<void()> failed);
  void call_receiver(const std::function<void(Receiver::Answered)>& arrives, const Receiver::Answered& answered);

  Probing probing_;
  World world_;
  Receiver& receiver_;
  Link receiver_link_;
  Writer writer_;
  std::optional<SimulatedGate> gate_;
  std::optional<elector::TermOrigin> origin_file_;
  std::string heard_;

  bool is_gate_closed_ = true;
  bool is_prometheus_demoted_ = false;
  int demotions_ = 0;
  election::Health health_ = election::Health::unfit;

  Duration freezes_for_{0};  // in sending; 0: it does not
  std::function<void()> frozen_;

  std::uint64_t connections_ = 0;
  std::uint64_t first_connection_ = 1;  // of this life
  std::vector<PostPtr> posts_;          // not answered yet
};

}  // namespace promfleet::sim::gate
