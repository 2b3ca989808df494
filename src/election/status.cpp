#include "election/status.h"

#include <algorithm>

#include <fmt/format.h>

namespace promfleet::election {

namespace {

std::string seconds(Duration duration) {
  return fmt::format("{:.1f}s", to_seconds(duration));
}

// What keeps a follower from taking the lease.
std::string following(const ElectionMachine& machine, BootTime now) {
  const StoredLease* lease = machine.view().stored();
  if (machine.refuses_lease()) {
    return fmt::format("takes no part: the lease has spec.strategy {} (coordinated election)",
                       *lease->record.spec.strategy);
  }
  if (machine.health() == Health::unfit) return "follows; the local Prometheus is not fit to lead";
  if (machine.is_paused()) return "follows; paused by an operator";
  if (now < machine.stands_back_until()) {
    return fmt::format("follows; stands back for {}", seconds(machine.stands_back_until() - now));
  }
  if (!machine.view().is_known()) return "follows; has not reached the lease store yet";
  if (machine.view().is_absent()) return "follows; the lease does not exist";
  const Duration left = machine.view().free_at(machine.member(), machine.timing()) - now;
  const std::string holder = lease->record.spec.holder.empty() ? "nobody" : lease->record.spec.holder;
  if (left <= Duration::zero() && machine.handicap() > Duration::zero()) {
    return fmt::format("follows; leaves the free lease to others for {}, since it holds fewer samples",
                       seconds(machine.handicap()));
  }
  return fmt::format("follows; {} holds the lease, for {} unless it is renewed", holder,
                     seconds(std::max(left, Duration::zero())));
}

std::string in_words(const ElectionMachine& machine, BootTime now) {
  switch (machine.role()) {
    case Role::idle: return "has not started";
    case Role::resuming: return "may go on with the term of before the restart";
    case Role::demoting: return "waits until Prometheus has confirmed the follower's configuration";
    case Role::following: return following(machine, now);
    case Role::leading: return machine.is_paused() ? "leads; paused by an operator" : "leads";
    case Role::finished: return "has left the election";
  }
  return "";
}

}  // namespace

ElectionStatus describe(const ElectionMachine& machine, BootTime now) {
  ElectionStatus status{.member = machine.member(),
                        .role = machine.role(),
                        .in_words = in_words(machine, now),
                        .has_authority = machine.has_authority(now),
                        .term = machine.term(),
                        .leader = current_leader(machine, now),
                        .health = machine.health(),
                        .is_paused = machine.is_paused(),
                        .refuses_lease = machine.refuses_lease(),
                        .demotion_overruns = machine.demotion_overruns()};
  if (status.has_authority) status.authority_left = machine.authority_until() - now;
  if (const StoredLease* lease = machine.view().stored()) {
    status.lease = *lease;
    if (!status.leader.empty()) status.leader_since = lease->record.spec.acquire_time;
  }
  return status;
}

std::string current_leader(const ElectionMachine& machine, BootTime now) {
  if (machine.has_authority(now)) return machine.member();
  const StoredLease* lease = machine.view().stored();
  if (lease == nullptr || lease->record.spec.holder == machine.member()) return "";
  const bool runs = now < machine.view().free_at(machine.member(), machine.timing());
  return runs ? lease->record.spec.holder : "";
}

}  // namespace promfleet::election
