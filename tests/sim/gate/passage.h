// One remote write on its way through a simulated gate: what WritePassage does, from one wait to the next.
#pragma once

#include <optional>

#include "elector/gate/backoff.h"
#include "elector/gate/batch_times.h"
#include "elector/gate/destination_gate.h"
#include "tests/sim/gate/post.h"
#include "tests/sim/gate/receiver.h"

namespace promfleet::sim::gate {

class SimulatedGate;

class Passage {
 public:
  Passage(SimulatedGate& gate, PostPtr post);

  // After anything has changed. It may be over then.
  void go_on();
  void client_left();
  // Acknowledges what is held: a planted fault's.
  void drop();

  bool is_over() const { return is_over_; }
  const PostPtr& post() const { return post_; }

 private:
  enum class Wait : std::uint8_t {
    change,  // of the gate's state, or the end of the hold time
    pause,   // until the next try
    call,    // for an answer
  };

  void check_source();
  void decide();
  void pass_on();
  void answered(std::optional<Receiver::Answer> answer);
  void pause();
  void end(int status);

  SimulatedGate& gate_;
  PostPtr post_;
  elector::BatchTimes times_;
  BootTime until_;
  BootTime again_at_ = BootTime::min();
  elector::Backoff backoff_;
  Wait wait_ = Wait::change;
  bool has_arrived_ = false;
  bool holds_turn_ = false;
  bool is_client_gone_ = false;
  bool is_over_ = false;
};

}  // namespace promfleet::sim::gate
