#include "elector/proxy/service_addresses.h"

#include <algorithm>
#include <utility>

namespace promfleet::elector {

namespace {

// Only people look at it.
constexpr Duration kPeriod = 15s;
constexpr Duration kPatience = 10s;

}  // namespace

ServiceAddresses::ServiceAddresses(Clock& clock, net::Resolver& resolver, std::string service)
    : clock_(clock), resolver_(resolver), service_(std::move(service)) {}

Task<> ServiceAddresses::follow() {
  do {
    const Result<net::Addresses> found = co_await resolver_.resolve(service_, clock_.now() + kPatience);
    addresses_.clear();
    if (found) {
      for (const asio::ip::address& address : *found) addresses_.push_back(address.to_string());
    }
    std::ranges::sort(addresses_);
  } while (co_await sleep_for(clock_, kPeriod));
}

}  // namespace promfleet::elector
