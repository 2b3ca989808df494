#include "tests/sim/member.h"

#include <utility>

#include "election/records.h"

namespace promfleet::sim {

using namespace election;

Member::Member(Setup setup, World world)
    : Candidate(std::move(setup), world), judge_(world.judge), prometheus_(world.timeline, world.chance) {}

void Member::start() {
  begin();
  happens(ConfigChanged{config_});
  tell_started();
  happens(HealthChanged{Health::fit});
}

void Member::change_config() {
  config_ = ConfigHash(config_.value() + 1);
  tell(ConfigChanged{config_});
}

void Member::load_leader_configuration() {
  prometheus_.load(Configuration::leader, [this, config = config_, life = process().life()](LoadResult result) {
    if (life != process().life()) return;
    if (result == LoadResult::loaded) tell(Promoted{config});
    if (result == LoadResult::failed) tell(PromotionFailed{config});
  });
}

void Member::promote(const Promote& command) {
  judge_.term_begins(name(), command.term);
  load_leader_configuration();
}

void Member::demote(const Demote&) {
  prometheus_.load(Configuration::follower, [this, life = process().life()](LoadResult) {
    if (life == process().life()) tell(Demoted{});
  });
}

void Member::about_to_write(LeaseRecord& record) {
  if (is_confirmed_release(record)) judge_.release_sent(name(), prometheus_.loaded());
  if (record.spec.holder == id() && machine().role() == Role::following) {
    judge_.candidacy_sent(name(), prometheus_.loaded());
  }
}

void Member::handled(const Event& event) {
  if (machine().role() == Role::leading && std::holds_alternative<ConfigChanged>(event)) load_leader_configuration();
}

}  // namespace promfleet::sim
