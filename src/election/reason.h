// Why leadership changed, or why a member must not lead.
#pragma once

#include <cstdint>
#include <string_view>

namespace promfleet::election {

enum class Reason : std::uint8_t {
  // Seen in the lease.
  acquired,  // a member began a term
  released,  // a term ended, and its demotion was confirmed
  emptied,   // the holder was removed without that: by a client-go member or by hand
  deleted,   // the lease is gone
  // Our own.
  starting,          // nothing proves that an earlier term goes on
  resumed,           // the term of before a restart goes on
  authority_lost,    // no renewal was stored before the deadline
  lease_lost,        // someone else wrote the lease
  unhealthy,         // the local Prometheus is not fit to lead
  load_failed,       // the leader's configuration did not load
  stepped_down,      // an operator asked for it
  switched_over,     // an operator named another member
  source_restarted,  // the local Prometheus is another process than before, and lacks samples
  source_jumped,     // it has left samples out
  stopping,          // the process ends
};

// As one lower-case word, for logs, metrics and the history.
std::string_view to_string(Reason reason);

}  // namespace promfleet::election
