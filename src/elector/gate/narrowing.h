// Narrows a batch that a destination refuses down to the samples that it refuses, so that the others arrive.
//
// A receiver of 1.0 takes all of a request or nothing: one sample that it finds out of order costs the 1,999 beside it.
// So the batch is cut into halves, and those into halves, until what is refused stands alone.
//
//   Narrowing narrowing(version, send);
//   CO_TRY(co_await narrowing.run(request));
//
// Thread safety: none.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "codec/remote_write/measurements.h"
#include "codec/remote_write/write_request.h"
#include "core/async/task.h"
#include "core/base/error.h"
#include "remote_write/client/destination.h"

namespace promfleet::elector {

// The compressed body of `request`. Errc::limit_exceeded: it would be larger than allowed.
Result<std::string> encode_body(remote_write::Version version, const remote_write::WriteRequest& request);

class Narrowing {
 public:
  // Sends one body. nullopt: the gate closes.
  using Send = std::function<Task<std::optional<remote_write::WriteAnswer>>(const std::string& body)>;

  // What of the batch stands alone, refused.
  struct Outcome {
    std::size_t refused_samples = 0;
    remote_write::WriteAnswer last_refusal;
  };

  Narrowing(remote_write::Version version, Send send) : version_(version), send_(std::move(send)) {}

  // Cuts `request`, which was refused as a whole with `refusal`. An answer that is neither `stored` nor `refused` ends
  // it: see interruption(). Errc::limit_exceeded as encode_body().
  Task<Result<>> run(const remote_write::WriteRequest& request, remote_write::WriteAnswer refusal);

  const Outcome& outcome() const { return outcome_; }
  // Why it ended early; the gate closes where there is no answer either.
  bool is_interrupted() const { return is_interrupted_; }
  const std::optional<remote_write::WriteAnswer>& interruption() const { return interruption_; }

 private:
  Task<Result<>> send_part(const remote_write::WriteRequest& part);

  remote_write::Version version_;
  Send send_;
  Outcome outcome_;
  bool is_interrupted_ = false;
  std::optional<remote_write::WriteAnswer> interruption_;
};

}  // namespace promfleet::elector
