#include "election/simulated_lease_store.h"

#include "core/os/simulated_clock.h"
#include "election/stores/conformance_testing.h"

namespace promfleet::election {
namespace {

class SimulatedBackend final : public StoreBackend {
 public:
  void run(const std::function<Task<>()>& body) override { run_until_returned(io_, body); }
  Clock& clock() override { return clock_; }
  LeaseStore& first() override { return first_; }
  LeaseStore& second() override { return second_; }

  Task<> remove_lease() override {
    lease_.remove();
    co_return;
  }

 private:
  asio::io_context io_;
  SimulatedClock clock_;
  SimulatedLease lease_;
  SimulatedLeaseStore first_{lease_, clock_, io_.get_executor()};
  SimulatedLeaseStore second_{lease_, clock_, io_.get_executor()};
};

std::unique_ptr<StoreBackend> make_simulated_backend() {
  return std::make_unique<SimulatedBackend>();
}

INSTANTIATE_TEST_SUITE_P(Simulated, LeaseStoreConformance, testing::Values(BackendFactory(make_simulated_backend)));

}  // namespace
}  // namespace promfleet::election
