// What a receiver's answer means to whoever sent: decided from its head and body alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "codec/remote_write/measurements.h"
#include "core/base/error.h"
#include "core/base/time.h"
#include "net/http/message.h"
#include "net/http/words.h"
#include "remote_write/fence/headers.h"
#include "remote_write/receiver/receive.h"

namespace promfleet::remote_write {

struct WriteAnswer {
  enum class Kind : std::uint8_t {
    stored,  // 2xx
    // For what it says: 400, 409, 413, 422, and 412 where it is not `fenced`. Sending the same again is of no use,
    // parts of it may be.
    refused,
    again,  // not now: no answer, 5xx, 429, or what a person has to put right first (401, 403, 404, a redirect)
    unknown_version,  // 415, or a 2xx to 2.0 without the counts that 2.0 demands: nothing was stored
    fenced,           // 412 `fenced`
    fence_first,      // 428 `fence_first`
  };
  Kind kind = Kind::stored;
  int status = 0;       // 0: there was no answer
  std::string message;  // of anything but `stored`: the receiver's words, bounded and on one line, or what happened
  std::optional<Duration> retry_after;  // of `again`
  std::optional<WrittenCounts> counts;  // where the answer has them
  std::optional<LeftOut> left_out;      // of `stored`, where the receiver tells it
};

struct FenceAttempt {
  enum class Kind : std::uint8_t {
    done,     // this token is the group's now
    fenced,   // a higher one is
    foreign,  // the receiver knows nothing of fences
    again,    // not now, as above
  };
  Kind kind = Kind::done;
  FenceAnswer answer;   // of `done`
  std::string message;  // of the others
  std::optional<Duration> retry_after;
};

// An answer as it came.
struct Received {
  enum class BodyEnd : std::uint8_t { whole, too_long, broken_off };

  http::Response response;
  BodyEnd body_end = BodyEnd::whole;
  WallTime at;
  http::Secrets secrets;  // what was sent of them: credentials, and the query of the URL, in which people put keys
};

WriteAnswer read_write_answer(Version version, const Received& received);
FenceAttempt read_fence_answer(FencingToken token, const Received& received);

}  // namespace promfleet::remote_write
