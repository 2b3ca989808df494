// A group of machines around one lease, without delays, for tests of the machine's behaviour.
//
//   Group group;
//   Member& a = group.leader("a");
//   a.cut_off();
//   group.pass(10s);
//   EXPECT_THAT(a.demotions(), ElementsAre(Reason::authority_lost));
//
// A store call is answered, a watch shown and a configuration loaded at once, unless the test says otherwise.
#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "election/machine.h"
#include "election/simulated_lease.h"

namespace promfleet::election {

class Group;

class Member {
 public:
  Member(std::string id, ProcessNumber process, Timing timing, Group& group)
      : machine_(std::move(id), process, timing), group_(group) {}

  void start(std::optional<Term> proof = std::nullopt);
  void tell(Event event);

  // Calls to the store get no answer, and nothing is watched.
  void cut_off() { reaches_store_ = false; }
  void reconnect() { reaches_store_ = true; }
  // Writes are stored; their answers, and what they would show, get lost.
  void lose_answers() { hears_store_ = false; }
  void hear_again() { hears_store_ = true; }
  // Neither wakes nor hears anything.
  void freeze() { frozen_ = true; }
  void thaw() { frozen_ = false; }
  // From now on the test tells Promoted, PromotionFailed and Demoted.
  void hang_prometheus() { prometheus_hangs_ = true; }

  ElectionMachine& machine() { return machine_; }
  bool has_authority() const;
  // All that was commanded so far.
  const std::vector<Command>& commands() const { return commands_; }
  template <class C>
  std::vector<C> commands_of() const {
    std::vector<C> found;
    for (const Command& command : commands_) {
      if (const auto* one = std::get_if<C>(&command)) found.push_back(*one);
    }
    return found;
  }
  std::vector<Reason> demotions() const {
    std::vector<Reason> reasons;
    for (const Demote& demote : commands_of<Demote>()) reasons.push_back(demote.reason);
    return reasons;
  }
  void forget_commands() { commands_.clear(); }

 private:
  friend class Group;

  void happens(const Event& event);
  void run(const ReadLease& command);
  void run(const CreateLease& command);
  void run(const UpdateLease& command);
  void run(const Promote&);
  void run(const Demote&);
  template <class Other>
  void run(const Other&) {}
  void answer_write(AttemptId attempt, const Result<StoredLease>& result);
  bool hears() const { return reaches_store_ && hears_store_ && !frozen_; }

  ElectionMachine machine_;
  Group& group_;
  std::vector<Command> commands_;
  ConfigHash config_;
  bool reaches_store_ = true;
  bool hears_store_ = true;
  bool frozen_ = false;
  bool prometheus_hangs_ = false;
};

class Group {
 public:
  explicit Group(Timing timing = {}) : timing_(timing) {
    lease_.on_change([this] { show_lease(); });
  }

  // A member that has not started.
  Member& member(const std::string& id) {
    const ProcessNumber process(members_.size() + 1);
    return *members_.emplace_back(std::make_unique<Member>(id, process, timing_, *this));
  }
  // A member whose Prometheus is ready, following.
  Member& follower(const std::string& id) {
    Member& added = member(id);
    added.start();
    added.tell(HealthChanged{Health::fit});
    return added;
  }
  // The first member of the group, once it leads.
  Member& leader(const std::string& id) {
    Member& first = follower(id);
    pass(timing_.lease_duration);
    first.forget_commands();
    return first;
  }

  // Lets time pass. Members tick exactly when they asked for it.
  void pass(Duration duration);
  Now now() const { return now_; }
  void jump_wall_clock(Duration by) { now_.wall += by; }

  SimulatedLease& lease() { return lease_; }
  const StoredLease& stored() const { return *lease_.read(); }
  // By hand.
  template <class Change>
  void edit(Change change) {
    LeaseRecord record = lease_.read()->record;
    change(record);
    lease_.edit(record);
    settle();
  }

 private:
  friend class Member;

  void show_lease();
  void later(Member& member, Event event) { pending_.emplace_back(&member, std::move(event)); }
  void settle();

  Timing timing_;
  SimulatedLease lease_;
  Now now_{.boot = BootTime(1h), .wall = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)};
  std::vector<std::unique_ptr<Member>> members_;
  std::deque<std::pair<Member*, Event>> pending_;
};

inline void Group::pass(Duration duration) {
  const BootTime end = now_.boot + duration;
  settle();
  while (true) {
    BootTime next = end;
    for (const auto& member : members_) {
      if (!member->frozen_) next = std::min(next, member->machine_.wake_at());
    }
    next = std::max(next, now_.boot);
    now_.wall += next - now_.boot;
    now_.boot = next;
    for (const auto& member : members_) {
      if (!member->frozen_ && member->machine_.wake_at() <= next) member->happens(Tick{});
    }
    settle();
    if (next == end) return;
  }
}

inline void Group::show_lease() {
  for (const auto& member : members_) {
    if (member->hears()) later(*member, Watched{lease_.read()});
  }
}

inline void Group::settle() {
  while (!pending_.empty()) {
    const auto [member, event] = std::move(pending_.front());
    pending_.pop_front();
    member->happens(event);
  }
}

inline void Member::start(std::optional<Term> proof) {
  tell(Started{proof});
}

inline void Member::tell(Event event) {
  if (const auto* changed = std::get_if<ConfigChanged>(&event)) config_ = changed->config;
  happens(event);
  group_.settle();
}

inline bool Member::has_authority() const {
  return machine_.has_authority(group_.now_.boot);
}

inline void Member::happens(const Event& event) {
  for (const Command& command : machine_.handle(event, group_.now_)) {
    commands_.push_back(command);
    std::visit([this](const auto& wanted) { run(wanted); }, command);
  }
}

inline void Member::run(const ReadLease& command) {
  if (hears()) group_.later(*this, ReadAnswered{command.attempt, group_.lease_.read()});
}

inline void Member::run(const CreateLease& command) {
  if (reaches_store_) answer_write(command.attempt, group_.lease_.create(command.record));
}

inline void Member::run(const UpdateLease& command) {
  if (reaches_store_) answer_write(command.attempt, group_.lease_.update(command.record, command.expected));
}

inline void Member::run(const Promote&) {
  if (!prometheus_hangs_) group_.later(*this, Promoted{config_});
}

inline void Member::run(const Demote&) {
  if (!prometheus_hangs_) group_.later(*this, Demoted{});
}

inline void Member::answer_write(AttemptId attempt, const Result<StoredLease>& result) {
  if (!hears()) return;
  if (result) return group_.later(*this, WriteStored{attempt, *result});
  const Refusal refusal = result.error().code() == Errc::not_found ? Refusal::not_found : Refusal::conflict;
  group_.later(*this, WriteRefused{attempt, refusal});
}

}  // namespace promfleet::election
