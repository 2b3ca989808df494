#include "elector/proxy/service_addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/async/task_scope.h"
#include "core/os/simulated_clock.h"

namespace promfleet::elector {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class FakeLookup final : public net::HostLookup {
 public:
  Task<Result<net::Addresses>> look_up(std::string) override { co_return answer; }

  Result<net::Addresses> answer = fail(Errc::not_found, "no such host");
};

TEST(ServiceAddresses, FollowsWhatTheNameResolvesTo) {
  asio::io_context io;
  SimulatedClock clock;
  FakeLookup lookup;
  net::Resolver resolver(io.get_executor(), clock, lookup);
  ServiceAddresses service(clock, resolver, "prometheus-headless");
  TaskScope tasks(io.get_executor());
  tasks.spawn(service.follow());

  clock.advance(io, 0s);
  EXPECT_THAT(service.addresses(), IsEmpty());
  lookup.answer = net::Addresses{asio::ip::make_address("10.1.0.8"), asio::ip::make_address("10.1.0.7")};
  clock.advance(io, 15s);
  EXPECT_THAT(service.addresses(), ElementsAre("10.1.0.7", "10.1.0.8"));

  tasks.cancel();
  clock.advance(io, 0s);
  EXPECT_EQ(tasks.running(), 0u);
  tasks.spawn(resolver.close());
  clock.advance(io, 0s);
}

}  // namespace
}  // namespace promfleet::elector
