#include "tests/sim/gate/fault.h"

#include <array>

namespace promfleet::sim::gate {

namespace {

constexpr std::array kFaults{Fault::none,
                             Fault::token_before_lock,
                             Fault::one_cut,
                             Fault::token_forgotten,
                             Fault::sources_forgotten,
                             Fault::processes_taken_for_one,
                             Fault::highest_watermark,
                             Fault::held_dropped,
                             Fault::lateness_ignored,
                             Fault::start_unchecked,
                             Fault::handicap_untold};

}  // namespace

std::string_view to_string(Fault fault) {
  switch (fault) {
    case Fault::none: return "none";
    case Fault::token_before_lock: return "token-before-lock";
    case Fault::one_cut: return "one-cut";
    case Fault::token_forgotten: return "token-forgotten";
    case Fault::sources_forgotten: return "sources-forgotten";
    case Fault::processes_taken_for_one: return "processes-taken-for-one";
    case Fault::highest_watermark: return "highest-watermark";
    case Fault::held_dropped: return "held-dropped";
    case Fault::lateness_ignored: return "lateness-ignored";
    case Fault::start_unchecked: return "start-unchecked";
    case Fault::handicap_untold: return "handicap-untold";
  }
  return "unknown";
}

std::span<const Fault> faults() {
  return kFaults;
}

}  // namespace promfleet::sim::gate
