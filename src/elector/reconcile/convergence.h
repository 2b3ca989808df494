// Decides the next step on the way from what Prometheus runs to what it should run. Pure: no file, no request, no
// clock; the reconciler does what next() says and tells what came of it.
//
// The rules:
//  - The file comes first and at once, whatever else is under way: a reload that Prometheus executes late must find
//    the newest role.
//  - Only a reload that was sent after the file was written confirms it. At most one is outstanding: Prometheus
//    executes what it was sent, so a late one is reported but neither repeated nor given up.
//  - Attempts come in rounds. A round that fails is told to the owner once; rounds go on, further and further apart,
//    until the goal is confirmed or another one is set. A leader's round is over in time for others to lead instead.
//  - A reload whose connection broke is soon looked after: most likely Prometheus is ending, and once it does not
//    listen any more a follower's file is as good as loaded.
//  - A role whose text is that of the role before is in force with it: nothing is written or reloaded.
//  - A text that Prometheus rejected, or that cannot be written, gives way at once to the last one of the same role
//    that it accepted: so the file on disk is one that Prometheus can start with, and a demotion does not wait for a
//    broken follower section to be repaired. The rejected text is tried again with each later attempt.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "core/base/time.h"
#include "elector/prometheus/prometheus.h"

namespace promfleet::elector {

enum class Role : std::uint8_t { follower, leader };
std::string_view to_string(Role role);

// What Prometheus should run.
struct Goal {
  Role role = Role::follower;
  std::shared_ptr<const std::string> text;  // the whole configuration file
  std::uint64_t rules_version = 0;          // grows when watched rules change: the same text is reloaded then

  friend bool operator==(const Goal& a, const Goal& b) {
    return a.role == b.role && a.rules_version == b.rules_version && *a.text == *b.text;
  }
};

struct RoundLimits {
  int attempts = 5;
  Duration retry_delay = 10s;
  Duration round_delay_max = 60s;
  Duration leader_round_max = 15s;  // after the first failure of a leader's round, no attempt begins later than this
  Duration unanswered_delay = 200ms;
};

class Convergence {
 public:
  explicit Convergence(RoundLimits limits) : limits_(limits) {}

  struct Write {
    Goal goal;
  };
  struct Reload {};
  struct Wait {
    BootTime until = kNever;
  };
  using Step = std::variant<Write, Reload, Wait>;

  // What an answer meant, for the owner to tell on.
  enum class Outcome : std::uint8_t {
    confirmed,     // Prometheus runs what it was asked to, see confirmed()
    failed,        // this attempt did not succeed; another follows
    round_failed,  // nor did the last of a round; another round follows
    superseded,    // the file was replaced meanwhile: the answer says nothing
  };

  void aim(Goal goal, BootTime now);

  Step next(BootTime now) const;
  // Whether the next step is to write `goal`.
  bool wants_written(const Goal& goal, BootTime now) const {
    const Step step = next(now);
    const Write* write = std::get_if<Write>(&step);
    return write != nullptr && write->goal == goal;
  }

  void wrote(const Goal& goal) { on_disk_ = goal; }
  Outcome write_failed(const Goal& goal, BootTime now);
  // Someone else changed the file, and may have had it loaded too: all over again.
  void lost_file() {
    on_disk_.reset();
    confirmed_.reset();
  }

  void reload_sent(BootTime now);
  Outcome reload_answered(const ReloadAnswer& answer, BootTime now);

  const std::optional<Goal>& goal() const { return goal_; }
  // What the file holds, as far as we know.
  const std::optional<Goal>& on_disk() const { return on_disk_; }
  // Whether Prometheus is known to run the goal itself.
  bool has_arrived() const { return goal_ && confirmed_ == goal_; }
  // What Prometheus is known to run: the goal, or the last good text of its role; nullopt when that is not known.
  const std::optional<Goal>& confirmed() const { return confirmed_; }
  // Whether file and Prometheus agree on a text of the wanted role, and nothing is under way.
  bool is_settled() const {
    return goal_ && confirmed_ && on_disk_ == confirmed_ && confirmed_->role == goal_->role && !reload_sent_at_;
  }
  // Since when the outstanding reload is under way.
  std::optional<BootTime> reload_sent_at() const { return reload_sent_at_; }

 private:
  enum class Phase : std::uint8_t {
    trying,     // the goal itself
    restoring,  // the last good text of the goal's role, after the goal was rejected
    resting,    // until the next attempt
  };

  void adopt_text_of_other_role();
  const Goal& target() const;
  Outcome arrive();
  Outcome fail_attempt(BootTime now, Duration retry_delay);
  bool round_goes_on(BootTime next_attempt) const;
  void fall_back();

  RoundLimits limits_;
  std::optional<Goal> goal_;
  std::map<Role, Goal> last_good_;
  Phase phase_ = Phase::trying;
  std::optional<Goal> on_disk_;
  std::optional<Goal> reloading_;  // on disk when the outstanding reload was sent
  std::optional<BootTime> reload_sent_at_;
  std::optional<Goal> confirmed_;
  int attempts_ = 0;
  BootTime round_failing_since_{};  // when attempts_ became 1
  int failed_rounds_ = 0;
  BootTime retry_at_{};
};

}  // namespace promfleet::elector
