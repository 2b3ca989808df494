// What the proxy itself answers when it cannot pass on an answer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "net/http/message.h"

namespace promfleet::elector {

struct Failure {
  // Whether it may be over soon: the leader has died or moved, and the next one can answer.
  enum class Outlook : std::uint8_t { passing, lasting };

  int status = 503;
  std::string sentence;
  Outlook outlook = Outlook::lasting;
};

// `error` is what came of asking the leader.
Failure failure_of(const Error& error);

// In the JSON of Prometheus' API for its clients, which show the sentence to people; in plain text elsewhere. A 503
// says when to try again.
http::Response response_of(const Failure& failure, std::string_view target);

}  // namespace promfleet::elector
