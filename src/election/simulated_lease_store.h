// A LeaseStore in memory, with the faults of a network between it and its user. Several may share one lease: one for
// each member.
#pragma once

#include "core/async/signal.h"
#include "core/os/clock.h"
#include "election/lease_store.h"
#include "election/simulated_lease.h"

namespace promfleet::election {

class SimulatedLeaseStore final : public LeaseStore {
 public:
  enum class Network : std::uint8_t {
    up,
    refuses,        // Errc::unreachable at once
    black_hole,     // nothing arrives; Errc::timed_out at the deadline
    loses_answers,  // all arrives; Errc::timed_out at the deadline
  };
  enum class Watching : std::uint8_t { supported, unsupported, forbidden };

  // `lease` outlives the store, and does not change after the store's end.
  SimulatedLeaseStore(SimulatedLease& lease, Clock& clock, Executor executor, Watching watching = Watching::supported);

  Task<Result<std::optional<StoredLease>>> read(BootTime deadline) override;
  Task<Result<StoredLease>> create(const LeaseRecord& record, BootTime deadline) override;
  Task<Result<StoredLease>> update(const LeaseRecord& record, LeaseRevision expected, BootTime deadline) override;
  Task<Result<>> watch(OnChange on_change) override;

  // Watches end when it goes down.
  void set_network(Network network);
  // Of a network that is up: what arrives takes effect at once, and is answered so much later.
  void set_latency(Duration latency) { latency_ = latency; }

 private:
  template <class AtStore>
  auto call(AtStore at_store, BootTime deadline) -> Task<decltype(at_store())>;
  Task<Result<>> travel_back(BootTime deadline);

  SimulatedLease& lease_;
  Clock& clock_;
  Watching watching_;
  Network network_ = Network::up;
  Duration latency_{0};
  Signal changed_;
};

}  // namespace promfleet::election
