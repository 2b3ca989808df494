// A gate in a simulation: the real decisions (DestinationGate, SourceCheck), and around them what gate.cpp does with
// them in production, in the same order. A request's way is passage.h, as it is write_passage.h there.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "elector/gate/backoff.h"
#include "elector/gate/destination_gate.h"
#include "elector/gate/source_check.h"
#include "tests/sim/gate/gate_host.h"
#include "tests/sim/gate/passage.h"
#include "tests/sim/gate/post.h"
#include "tests/sim/gate/world.h"

namespace promfleet::sim::gate {

class SimulatedGate {
 public:
  SimulatedGate(const World& world, GateHost& host);

  void start();

  // A request of Prometheus has come, or its client has left.
  void take(const PostPtr& post);
  void client_left(const PostPtr& post);

  void open(const election::Term& term, election::Reason reason);
  void close(election::Reason reason);

  // As election::Progress.
  std::optional<std::string> to_tell() const;
  void heard(const std::string& told);

 private:
  friend class Passage;

  using SendAnswered = std::function<void(std::optional<Receiver::Answer>)>;

  // Something that a waiting request may depend on is not as it was.
  void changed();
  elector::DestinationGate::Verdict judge(const elector::BatchTimes& times);

  void fence();
  void fence_until_known();
  void take_fence_answer(const election::Term& term, Receiver::Answer answer, const Receiver::Watermarks& watermarks);
  void fence_again();
  void shut_out();

  // Calls back when it is known, or cannot be told now.
  void check_source(http::ConnectionNumber connection, std::function<void(bool is_known)> checked);
  void learn(http::ConnectionNumber connection, std::string started_at);
  void bind_term();
  void source_lost();
  void arrived(std::size_t stream, const elector::BatchTimes& times);
  void stored(const Batch& batch, const elector::BatchTimes& times);
  void yield(election::Reason reason);

  // Calls back with nothing if the gate closes, or is closed.
  void send(const BatchPtr& batch, SendAnswered answered);
  void end_send(std::uint64_t number, std::optional<Receiver::Answer> answer);
  void abort_sends();
  void sent();
  void tell_handicap();

  elector::Authority authority() {
    return host_.has_authority() ? elector::Authority::present : elector::Authority::absent;
  }

  World world_;
  GateHost& host_;
  elector::DestinationGate gate_;
  elector::SourceCheck source_;
  std::vector<bool> is_passing_on_;  // of each stream
  std::list<Passage> passages_;
  bool looks_soon_ = false;

  std::optional<election::Term> term_;
  std::string term_started_at_;
  std::string first_started_at_;  // of all processes: a planted fault's
  bool is_being_fenced_ = false;
  std::optional<std::uint64_t> fence_attempt_;  // under way
  elector::Backoff fence_pause_;
  BootTime fence_again_at_ = BootTime::min();
  std::optional<election::Term> fence_paused_in_;
  Duration handicap_{0};

  std::uint64_t numbers_ = 0;
  std::map<std::uint64_t, SendAnswered> sends_;  // under way
  bool is_closing_ = false;
  std::uint64_t closings_ = 0;
};

}  // namespace promfleet::sim::gate
