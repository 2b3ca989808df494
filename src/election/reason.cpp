#include "election/reason.h"

namespace promfleet::election {

std::string_view to_string(Reason reason) {
  switch (reason) {
    case Reason::acquired: return "acquired";
    case Reason::released: return "released";
    case Reason::emptied: return "emptied";
    case Reason::deleted: return "deleted";
    case Reason::starting: return "starting";
    case Reason::resumed: return "resumed";
    case Reason::authority_lost: return "authority_lost";
    case Reason::lease_lost: return "lease_lost";
    case Reason::unhealthy: return "unhealthy";
    case Reason::load_failed: return "load_failed";
    case Reason::stepped_down: return "stepped_down";
    case Reason::switched_over: return "switched_over";
    case Reason::source_restarted: return "source_restarted";
    case Reason::source_jumped: return "source_jumped";
    case Reason::stopping: return "stopping";
  }
  return "unknown";
}

}  // namespace promfleet::election
