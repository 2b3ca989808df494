// Which process of Prometheus writes to the gate (rule 10 of ARCHITECTURE.md, "Gate").
//
// A Prometheus that was restarted begins with what it scrapes from now on: what it had not sent is lost to us, and
// another member should lead. It necessarily comes with a new connection; so that is when its start time is asked for.
//
// A term is bound to one process of Prometheus, also over a restart of the sidecar: the process that the term began
// with is remembered in a file.
//
// Pure. Thread safety: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/strong_id.h"
#include "election/lease.h"
#include "net/http/exchange.h"

namespace promfleet::elector {

// A term and the process that it is bound to, by the start time that Prometheus tells.
struct TermOrigin {
  election::FencingToken token;
  std::string started_at;

  bool operator==(const TermOrigin&) const = default;
};

// A start time of which only one is known: there is no API that tells it.
inline constexpr std::string_view kUnknownStart = "unknown";

// The process' name for a receiver that fences, which knows it again by that when it leads again. Empty: which process
// it is cannot be told.
std::string source_name(std::string_view member, std::string_view started_at);

class SourceCheck {
 public:
  enum class Finding : std::uint8_t {
    known,      // the same process as before, or the first one
    restarted,  // another one than the last
  };

  // Whether this connection's process has been asked for.
  bool knows(http::ConnectionNumber connection) const;
  // It was, and said when it began.
  Finding learn(http::ConnectionNumber connection, std::string started_at);
  // It broke off while its request waited: most likely the process has ended. Whoever comes next is asked.
  void lost();

  // Of the process that writes; empty while it is not known.
  const std::string& started_at() const { return started_at_; }

 private:
  static constexpr std::size_t kConnectionsKept = 64;

  std::string started_at_;
  std::deque<http::ConnectionNumber> connections_;  // of that process, the newest last
};

}  // namespace promfleet::elector
