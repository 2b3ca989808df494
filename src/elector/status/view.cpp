#include "elector/status/view.h"

#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "elector/status/gate_in_words.h"

namespace promfleet::elector {

namespace {

class ProblemList {
 public:
  void add(std::string what, std::string_view advice) {
    problems_.push_back({.what = std::move(what), .advice = std::string(advice)});
  }
  // Nothing where there is no error.
  void add_error(std::string_view where, const std::string& error, std::string_view advice) {
    if (!error.empty()) add(fmt::format("{}: {}", where, error), advice);
  }

  void add(std::vector<Problem> found) {
    for (Problem& problem : found) problems_.push_back(std::move(problem));
  }

  std::vector<Problem> take() { return std::move(problems_); }

 private:
  std::vector<Problem> problems_;
};

void add_election(ProblemList& list, const election::ElectionStatus& election) {
  if (election.leader.empty()) {
    list.add(
        "nobody leads, as far as this member knows",
        "For a moment that is how leadership moves on. If it lasts, look at the other members: is one running, not "
        "paused, and is its Prometheus healthy?");
  }
  list.add_error(
      "lease", election.store_error,
      "Is the lease store up, the network to it open, and may this member read and write the lease? A leader "
      "that cannot renew stops leading in time.");
  list.add_error("state file", election.term_file_error,
                 "Without it, a restart of this member cannot go on with its term but waits for its own lease to run "
                 "out. Look at space and permissions of the folder of -output; it is tried again.");
  if (election.refuses_lease) {
    list.add("lease: it is under coordinated election (spec.strategy), in which promfleet takes no part",
             "Remove spec.strategy from the lease, or give the group another -lease-name.");
  }
}

// A rejected configuration gives way to the last good one of the role, whose reload ends without an error.
bool runs_older_version(const ReconcilerStatus& reconciler) {
  return reconciler.confirmed && reconciler.confirmed == reconciler.wanted && !reconciler.has_arrived &&
         !reconciler.reload_sent_at && reconciler.reload_error.empty();
}

void add_prometheus(ProblemList& list, const StatusView& view) {
  list.add_error("Prometheus", prometheus_trouble(view),
                 "This member does not lead as long as its Prometheus is not fit to. Prometheus' own log says more.");
  const ReconcilerStatus& reconciler = view.reconciler;
  list.add_error("writing Prometheus' configuration", reconciler.file_error,
                 "The old file is untouched. Look at space and permissions of its folder; writing is tried again.");
  list.add_error("reloading Prometheus", reconciler.reload_error,
                 "Prometheus may go on with an older configuration. Its log says more; the reload is tried again.");
  if (runs_older_version(reconciler)) {
    list.add("Prometheus runs an older version of its configuration: it has rejected the newest",
             "The newest is tried again. Prometheus' log says what it does not like.");
  }
  if (reconciler.reload_is_late) {
    list.add("reloading Prometheus: it has not answered in time yet",
             "It may be sending what its remote_write queues still hold. If it lasts, does the remote answer?");
  }
}

}  // namespace

std::vector<KnownMember> known_members(const StatusView& view) {
  std::set<std::string> names = {view.election.member, view.election.leader};
  if (view.election.lease) names.insert(view.election.lease->record.spec.holder);
  for (const election::PastTransition& past : view.history) names.insert(past.holder);
  names.erase("");
  std::vector<KnownMember> members;
  members.reserve(names.size());
  for (const std::string& name : names) {
    members.push_back(
        {.name = name, .is_leader = name == view.election.leader, .is_self = name == view.election.member});
  }
  return members;
}

std::string prometheus_trouble(const StatusView& view) {
  if (!view.health_error.empty()) return view.health_error;
  if (view.health == Health::healthy) return "";
  return "it answers again, but not yet often enough in a row";
}

std::vector<Problem> problems(const StatusView& view) {
  ProblemList list;
  add_election(list, view.election);
  add_prometheus(list, view);
  list.add(gate_problems(view));
  list.add_error(
      "configuration", view.config_error,
      "What Prometheus runs stays as it is; a member that has never had a good one does not lead. Repair the "
      "file: it is read again by itself.");
  constexpr std::string_view kOlderVersion = "The last good version stays in force. Repair the file: it is read again.";
  list.add_error("web configuration", view.web_config_error, kOlderVersion);
  list.add_error("HTTP configuration towards Prometheus", view.http_config_error, kOlderVersion);
  list.add_error("gate configuration", view.gate_config_error, kOlderVersion);
  for (const Finding& finding : view.findings) list.add(fmt::format("preflight: {}", finding.message), "");
  return list.take();
}

}  // namespace promfleet::elector
