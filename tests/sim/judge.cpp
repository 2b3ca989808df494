#include "tests/sim/judge.h"

#include <utility>

#include <fmt/format.h>

namespace promfleet::sim {

void Judge::has_authority(std::string_view member, const election::Term& term) {
  if (taken_by_contender_ == term.acquire_time) {
    violated(fmt::format("{} has authority although a client-go member waited for its expiry", member));
  }
  if (with_authority_.empty()) {
    with_authority_ = member;
  } else {
    violated(fmt::format("{} and {} have authority at the same time", with_authority_, member));
  }
}

void Judge::term_begins(std::string_view member, const election::Term& term) {
  const bool goes_on = latest_ && *latest_ == term && latest_leader_ == member;
  if (!goes_on) {
    ++terms_;
    if (latest_ && term.token <= latest_->token) {
      violated(fmt::format("the token of {}'s term, {}, is not above the one before, {}", member, term.token.value(),
                           latest_->token.value()));
    }
  }
  latest_ = term;
  latest_leader_ = member;
}

void Judge::release_sent(std::string_view member, Configuration loaded) {
  if (loaded == Configuration::leader) violated(fmt::format("{} releases before its demotion is confirmed", member));
}

void Judge::candidacy_sent(std::string_view member, Configuration loaded) {
  if (loaded == Configuration::leader) violated(fmt::format("{} wants a new term while it is still demoting", member));
}

void Judge::nobody_leads() {
  violated("nobody leads although all faults have stopped");
}

void Judge::violated(std::string what) {
  if (!violation_) violation_ = std::move(what);
}

}  // namespace promfleet::sim
