#include "elector/status/takeover_readiness.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "elector/status/in_words.h"

namespace promfleet::elector {

namespace {

// From a batch's sending until a follower hears that it has arrived, generously: batch deadline, hold and renewal.
constexpr Duration kOnTheWay = 30s;

std::string with_cause(std::string_view what, const std::string& cause) {
  return cause.empty() ? std::string(what) : fmt::format("{}: {}", what, cause);
}

const std::string& first_of(const std::string& first, const std::string& second, const std::string& third) {
  if (!first.empty()) return first;
  return second.empty() ? third : second;
}

std::optional<std::string> why_not_without_gate(const StatusView& view) {
  const election::ElectionStatus& election = view.election;
  const ReconcilerStatus& reconciler = view.reconciler;
  if (!view.health) return with_cause("Prometheus has not been ready yet", view.health_error);
  if (!reconciler.confirmed) {
    return with_cause("Prometheus does not run a configuration of this elector's yet",
                      first_of(view.config_error, reconciler.file_error, reconciler.reload_error));
  }
  if (election.is_paused) return "this member is paused, and takes no part in the election";
  if (election.refuses_lease) return "the lease is under coordinated election, in which this member takes no part";
  if (election.health != election::Health::fit) {
    return with_cause("this member is not fit to lead",
                      view.config_error.empty() ? prometheus_trouble(view) : view.config_error);
  }
  if (election.leader.empty()) return with_cause("nobody leads, as far as this member knows", election.store_error);
  return std::nullopt;
}

bool holds_enough(const GateStatus& gate) {
  return gate.handicap == Duration(0) &&
         std::ranges::all_of(gate.outlets, [](const OutletStatus& outlet) { return outlet.watermark_ms.has_value(); });
}

Duration enough_in_any_case(const GateStatus& gate) {
  std::chrono::milliseconds lateness{0};
  for (const OutletStatus& outlet : gate.outlets) lateness = std::max(lateness, outlet.lateness);
  return lateness + kOnTheWay;
}

}  // namespace

std::optional<std::string> TakeoverReadiness::why_not(const StatusView& view) {
  if (is_leaving_) return "this member leaves";
  if (has_been_ready_) return std::nullopt;
  std::optional<std::string> reason = why_not_without_gate(view);
  if (!reason && view.gate) reason = why_gate_is_not(view);
  if (reason) {
    std::ranges::replace(*reason, '\n', ' ');
  } else {
    has_been_ready_ = true;
  }
  return reason;
}

std::optional<std::string> TakeoverReadiness::why_gate_is_not(const StatusView& view) {
  if (view.election.has_authority || holds_enough(*view.gate)) return std::nullopt;
  if (!lacks_gate_alone_since_) lacks_gate_alone_since_ = view.boot_now;
  const Duration left = *lacks_gate_alone_since_ + enough_in_any_case(*view.gate) - view.boot_now;
  if (left <= Duration(0)) return std::nullopt;
  return fmt::format("the gate does not hold yet all that the leader may take with it; ready in {} at the latest",
                     span_in_words(left));
}

}  // namespace promfleet::elector
