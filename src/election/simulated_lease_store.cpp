#include "election/simulated_lease_store.h"

#include <algorithm>

#include "core/base/try.h"

namespace promfleet::election {

SimulatedLeaseStore::SimulatedLeaseStore(SimulatedLease& lease, Clock& clock, Executor executor, Watching watching)
    : lease_(lease), clock_(clock), watching_(watching), changed_(executor) {
  lease_.on_change([this] { changed_.notify(); });
}

template <class AtStore>
auto SimulatedLeaseStore::call(AtStore at_store, BootTime deadline) -> Task<decltype(at_store())> {
  if (co_await cancelled()) co_return fail(Errc::cancelled, "cancelled");
  if (network_ == Network::refuses) co_return fail(Errc::unreachable, "connection reset");
  if (network_ == Network::up) {
    const auto answer = at_store();
    CO_TRY(co_await travel_back(deadline));
    co_return answer;
  }
  if (network_ == Network::loses_answers) static_cast<void>(at_store());
  CO_TRY(co_await sleep_until(clock_, deadline));
  co_return fail(Errc::timed_out, "no answer");
}

Task<Result<>> SimulatedLeaseStore::travel_back(BootTime deadline) {
  if (latency_ == Duration::zero()) co_return Result<>();
  const BootTime arrives_at = clock_.now() + latency_;
  CO_TRY(co_await sleep_until(clock_, std::min(arrives_at, deadline)));
  if (arrives_at > deadline) co_return fail(Errc::timed_out, "no answer");
  co_return Result<>();
}

Task<Result<std::optional<StoredLease>>> SimulatedLeaseStore::read(BootTime deadline) {
  return call([this]() -> Result<std::optional<StoredLease>> { return lease_.read(); }, deadline);
}

Task<Result<StoredLease>> SimulatedLeaseStore::create(const LeaseRecord& record, BootTime deadline) {
  return call([this, &record] { return lease_.create(record); }, deadline);
}

Task<Result<StoredLease>> SimulatedLeaseStore::update(const LeaseRecord& record, LeaseRevision expected,
                                                      BootTime deadline) {
  return call([this, &record, expected] { return lease_.update(record, expected); }, deadline);
}

Task<Result<>> SimulatedLeaseStore::watch(OnChange on_change) {
  if (watching_ == Watching::unsupported) co_return fail(Errc::unsupported, "this store cannot be watched");
  if (watching_ == Watching::forbidden) co_return fail(Errc::forbidden, "its Role needs the verb watch");
  bool has_told = false;
  std::optional<StoredLease> told;
  while (true) {
    if (network_ != Network::up) co_return fail(Errc::unreachable, "connection reset");
    if (!has_told || told != lease_.read()) {
      has_told = true;
      told = lease_.read();
      on_change(told);
    } else {
      CO_TRY(co_await changed_.wait());
    }
  }
}

void SimulatedLeaseStore::set_network(Network network) {
  network_ = network;
  changed_.notify();
}

}  // namespace promfleet::election
