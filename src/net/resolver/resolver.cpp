#include "net/resolver/resolver.h"

#include <strings.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "core/base/try.h"

namespace promfleet::net {

struct Resolver::Name {
  explicit Name(Executor executor) : look_up_ended(executor) {}

  Addresses last_good;
  BootTime last_wanted;
  BootTime look_up_again_at;
  // Of the look-up under way, else of the last one.
  bool is_being_looked_up = false;
  BootTime look_up_began;
  std::optional<Error> error;
  Signal look_up_ended;
};

namespace {

std::optional<Addresses> known_addresses(const std::string& host) {
  if (strcasecmp(host.c_str(), "localhost") == 0) {
    return Addresses{asio::ip::address_v6::loopback(), asio::ip::address_v4::loopback()};
  }
  boost::system::error_code not_literal;
  const asio::ip::address literal = asio::ip::make_address(host, not_literal);
  if (not_literal) return std::nullopt;
  return Addresses{literal};
}

}  // namespace

Resolver::Resolver(Executor executor, Clock& clock, HostLookup& lookup, ResolverLimits limits)
    : clock_(clock), lookup_(lookup), limits_(limits), refreshes_(executor) {}

Resolver::~Resolver() = default;

Task<Result<Addresses>> Resolver::resolve(std::string host, BootTime deadline) {
  if (std::optional<Addresses> known = known_addresses(host)) co_return *std::move(known);
  const std::shared_ptr<Name> name = name_of(host);
  name->last_wanted = clock_.now();
  if (clock_.now() < name->look_up_again_at) co_return name->last_good;
  if (!name->is_being_looked_up) {
    name->is_being_looked_up = true;
    name->look_up_began = clock_.now();
    refreshes_.spawn(refresh(host, name));
  }
  const BootTime wait_end =
      name->last_good.empty() ? deadline : std::min(deadline, name->look_up_began + limits_.patience);
  while (name->is_being_looked_up && clock_.now() < wait_end) {
    CO_TRY(co_await wait_until(name->look_up_ended, clock_, wait_end));
  }
  if (!name->last_good.empty()) co_return name->last_good;
  if (name->is_being_looked_up) co_return fail(Errc::timed_out, "resolving {}: no answer in time", host);
  co_return std::unexpected(*name->error);
}

Task<> Resolver::refresh(std::string host, std::shared_ptr<Name> name) {
  Result<Addresses> answer = co_await lookup_.look_up(std::move(host));
  name->is_being_looked_up = false;
  if (answer) {
    name->last_good = *std::move(answer);
  } else {
    name->error = std::move(answer).error();
  }
  if (!name->last_good.empty()) name->look_up_again_at = clock_.now() + limits_.fresh_for;
  name->look_up_ended.notify();
}

std::shared_ptr<Resolver::Name> Resolver::name_of(const std::string& host) {
  if (const auto found = names_.find(host); found != names_.end()) return found->second;
  if (names_.size() >= limits_.names_max) {
    names_.erase(std::ranges::min_element(names_, {}, [](const auto& entry) { return entry.second->last_wanted; }));
  }
  return names_.emplace(host, std::make_shared<Name>(refreshes_.executor())).first->second;
}

Task<> Resolver::close() {
  co_await refreshes_.close();
}

}  // namespace promfleet::net
