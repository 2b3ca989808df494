// Decides what may pass to one destination: the rules of ARCHITECTURE.md, "Gate", without I/O and clocks, so that
// simulations drive the same code as the gate does.
//
// Whatever a leader's Prometheus writes passes; whatever a follower's writes is held, until the leader's watermark
// shows that its samples have arrived without us. So each follower keeps back what the leader may still lose, and a
// promotion is nothing but opening the gate.
//
// Several streams lead to one destination where Prometheus splits its series over several queues.
//
// Times are Unix milliseconds of the member's wall clock. Thread safety: none.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/time.h"
#include "elector/gate/batch_times.h"

namespace promfleet::elector {

// Whether this member may act as leader, asked at this very moment (rule 1 of the election).
enum class Authority : std::uint8_t { absent, present };

class DestinationGate {
 public:
  // How the destination stands to our term.
  enum class State : std::uint8_t {
    closed,    // this member follows
    fencing,   // it leads, and the destination does not know yet
    open,      // what it writes is accepted
    shut_out,  // the destination has heard of a later leader
  };

  enum class Verdict : std::uint8_t {
    acknowledge,  // the leader's samples have arrived up to here: Prometheus need not keep these
    hold,
    pass_on,
  };

  // `lateness`: rule 4.
  DestinationGate(std::size_t streams, std::chrono::milliseconds lateness) : lateness_(lateness), streams_(streams) {}

  // Our term begins, or goes on after a restart; nothing passes before open().
  void begin_term();
  // It has ended, or this member starts without one.
  void end_term();
  // The destination takes what we write. Rule 9.
  void open();
  void shut_out();
  // It wants to be fenced again.
  void fence_again();
  State state() const { return state_; }

  // The stream's samples have arrived up to here, by what the destination or another member says. Watermarks never
  // fall.
  void heard(std::size_t stream, std::int64_t watermark_ms);

  // A batch has come, perhaps once more. true: samples are missing in it or before it (rule 11).
  bool arrived(std::size_t stream, const BatchTimes& batch, std::int64_t now_ms);
  Verdict judge(const BatchTimes& batch, Authority authority, std::int64_t now_ms) const;
  // The destination has accepted a batch that was passed on. Rule 2.
  void stored(std::size_t stream, const BatchTimes& batch, std::int64_t now_ms);

  // The local Prometheus is another process now: its streams begin anew.
  void source_restarted();

  // Of one stream.
  std::optional<std::int64_t> watermark_ms(std::size_t stream) const { return streams_[stream].watermark_ms; }

  // How much longer than others this member leaves a free lease alone, since it has fewer samples to give (rule 11).
  Duration handicap(Duration lease_duration) const;

 private:
  struct Stream {
    std::optional<std::int64_t> watermark_ms;
    std::optional<std::int64_t> offered_ms;  // where the batch begins that came last
    std::optional<std::int64_t> newest_ms;   // up to where it has samples
  };

  // Up to where every stream has arrived; nullopt: that is not known.
  std::optional<std::int64_t> arrived_ms() const;

  std::chrono::milliseconds lateness_;
  State state_ = State::closed;
  bool may_resume_ = true;  // nobody has said yet whether a term of before the restart goes on
  std::vector<Stream> streams_;
};

}  // namespace promfleet::elector
