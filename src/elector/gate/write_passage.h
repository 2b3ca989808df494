// One remote write of Prometheus on its way through the gate. Between gate.cpp and write_passage.cpp; not for others.
//
// It is taken in whole, then waits until it may pass or need not: for at most the entry's `hold`, after which
// Prometheus is told to send it again, and keeps it so long.
#pragma once

#include <optional>
#include <string>

#include "core/async/task.h"
#include "elector/gate/backoff.h"
#include "elector/gate/gate.h"
#include "net/http/exchange.h"

namespace promfleet::elector {

class WritePassage {
 public:
  WritePassage(Gate& gate, Outlet& outlet, http::Exchange& exchange);
  WritePassage(const WritePassage&) = delete;
  WritePassage& operator=(const WritePassage&) = delete;
  ~WritePassage();

  // Until the exchange is answered or the client has left.
  Task<> run();

 private:
  // The answer where the batch cannot be taken in.
  Task<std::optional<http::Response>> take_in(remote_write::Version version);
  Task<std::optional<http::Response>> read_body();
  // Whether so many bytes more may be held.
  bool has_room_for(std::uint64_t bytes) const;
  // Whether there is somebody to answer, and time to look for the answer.
  bool may_go_on() const;
  Task<http::Response> outcome();
  DestinationGate::Verdict verdict();
  http::Response acknowledged();

  // nullopt: it is to be looked at again.
  Task<std::optional<http::Response>> pass_on();
  Result<> shape();
  Task<std::optional<http::Response>> answered(const remote_write::WriteAnswer& answer);
  Task<std::optional<http::Response>> narrow_down(const remote_write::WriteAnswer& refusal);
  // Goes on with what the outlet has begun to narrow down.
  Task<std::optional<http::Response>> narrow_on();
  std::size_t refused_samples(const remote_write::WriteAnswer& answer) const;
  void count_passed_on(const remote_write::WrittenCounts& written);
  // All of the batch has arrived or is refused for good.
  void settle();
  http::Response refused(const remote_write::WriteAnswer& refusal, const remote_write::WrittenCounts& written);
  // Before the next try.
  Task<> pause(const remote_write::WriteAnswer& answer);

  Gate& gate_;
  Outlet& outlet_;
  http::Exchange& exchange_;
  Batch batch_;
  std::optional<std::string> shaped_;  // what the destination gets, where that is not the body as it came
  std::size_t held_bytes_ = 0;
  bool holds_turn_ = false;  // among the stream's requests
  bool is_client_gone_ = false;
  BootTime until_;
  Backoff backoff_;
  std::string why_held_;
};

}  // namespace promfleet::elector
