#include "tests/sim/gate/run.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "tests/sim/gate/chaos.h"

namespace promfleet::sim::gate {

namespace {

using std::chrono::seconds;

// Lateness is the longest interval, the scrape time-out, the batch deadline and a second for the clocks, or more.
const std::array kProfiles{
    Profile{{seconds(15), 10s, 2s}, {1s, 5s, 15s, 30s, 60s}, 10s, 5s, seconds(90)},
    Profile{{seconds(15), 10s, 2s}, {15s, 60s}, 10s, 5s, seconds(76)},
    Profile{{seconds(10), 8s, 2s}, {1s, 5s, 15s}, 10s, 5s, seconds(31)},
    Profile{{seconds(3), 2s, 500ms}, {1s}, 1s, 500ms, std::chrono::milliseconds(3'500)},
};
constexpr int kLeasesOfChaos = 16;
constexpr Duration kClockOffsetMax = 200ms;

class Run {
 public:
  Run(std::uint64_t seed, Fault fault, Trace::Output output)
      : chance_(seed),
        trace_(timeline_, output),
        profile_(chance_.pick(kProfiles)),
        streams_(chance_.happens(0.3) && fault != Fault::highest_watermark ? kStreamsMax : 1),
        members_(2 + chance_.below(3)),
        targets_(chance_, profile_, members_, chaos_ends()),
        judge_(trace_, targets_, profile_.lateness, streams_),
        fault_(fault),
        receiver_(world(), chance_.between(-kClockOffsetMax, kClockOffsetMax)) {
    could_lead_since_.resize(members_);
    lease_.on_change([this] {
      for (const auto& elector : electors_) elector->lease_changed();
    });
    const bool everyone_watches = chance_.happens(0.7);
    const std::size_t batch_samples_max = 5 + chance_.below(30);
    const auto probing = chance_.happens(0.5) ? Elector::Probing::of_health : Elector::Probing::none;
    for (Replica replica = 0; replica < members_; ++replica) {
      engage(replica, everyone_watches, probing, batch_samples_max);
    }
  }

  Verdict play() {
    const Duration pause_max = profile_.timing.lease_duration * (1 + chance_.below(4)) / 2;
    Chaos chaos(world(), climate_, electors_, receiver_, pause_max);
    tell_setup();
    receiver_.start();
    for (const auto& elector : electors_) {
      timeline_.at(chance_.between(Duration::zero(), Duration(5s)), [&elector] {
        if (!elector->writer().lives()) elector->writer().start();
      });
      timeline_.at(chance_.between(Duration::zero(), Duration(5s)), [&elector] {
        if (!elector->lives()) elector->start();
      });
    }
    chaos.rage_until(chaos_ends());
    timeline_.at(chaos_ends(), [&chaos] { chaos.heal(); });
    while (!violation() && timeline_.step(ends())) judge_authority();
    if (!violation()) judge_calm();
    return {violation(), timeline_.now(), judge_.counts()};
  }

 private:
  World world() {
    return {{timeline_, chance_, climate_.to_lease, lease_, trace_},
            climate_.to_receiver,
            profile_,
            targets_,
            judge_,
            streams_,
            fault_};
  }

  Instant chaos_ends() const { return kLeasesOfChaos * Duration(profile_.timing.lease_duration); }
  // How long a follower holds a sample while all is well, with a time-out.
  Duration held_max() const {
    return profile_.lateness + std::ranges::max(profile_.intervals) + 2 * profile_.batch_deadline + 40s;
  }
  // Until someone leads, and then until followers are rid of what they hold.
  Instant ends() const { return chaos_ends() + 4 * Duration(profile_.timing.lease_duration) + held_max(); }

  void engage(Replica replica, bool watches, Elector::Probing probing, std::size_t batch_samples_max) {
    const std::string name = fmt::format("m{}", replica);
    const std::size_t queues = fault_ == Fault::highest_watermark ? 2 : streams_;
    electors_.push_back(std::make_unique<Elector>(
        Candidate::Setup{
            .name = name,
            .id = name,
            .timing = profile_.timing,
            .fault = sim::Fault::none,
            .clock_rate = chance_.between(0.9999, 1.0001),
            .clock_offset = chance_.between(Duration::zero(), std::chrono::hours(1000)),
            .observation = watches ? Candidate::Observation::watch_and_poll : Candidate::Observation::poll},
        Writer::Setup{.name = fmt::format("p{}", replica),
                      .replica = replica,
                      .queues = queues,
                      .batch_samples_max = batch_samples_max},
        probing, world(), receiver_));
    electors_.back()->jump_wall_clock(chance_.between(-kClockOffsetMax, kClockOffsetMax));
  }

  void tell_setup() {
    if (!trace_.is_on()) return;
    trace_.line("----", "{} members, {} streams, lease {}s, lateness {}s", members_, streams_,
                profile_.timing.lease_duration.count(), to_seconds(profile_.lateness));
    for (const Target& target : targets_.all()) {
      std::string series;
      for (const SeriesNumber number : target.series) series += " " + targets_.series()[number].name;
      std::string replicas;
      for (const Target::Scraped& scraped : target.by) replicas += scraped.at_all ? "x" : "-";
      trace_.line("----", "every {}s by {}:{}", to_seconds(target.interval), replicas, series);
    }
  }

  void judge_authority() {
    election_judge_.begin_instant();
    const Elector* leader = nullptr;
    std::optional<election::Term> leads;
    for (Replica replica = 0; replica < members_; ++replica) {
      Elector& elector = *electors_[replica];
      if (!elector.could_lead()) could_lead_since_[replica] = timeline_.now();
      const std::optional<election::Term> term = elector.term_with_authority();
      if (!term) continue;
      election_judge_.has_authority(elector.name(), *term);
      leader = &elector;
      leads = term;
    }
    if (leads && leads != term_) judge_.promoted(candidates_beside(*leader));
    if (leads) term_ = leads;
  }

  // Those who could have led for a while, and should have: they have all, or more than the one that leads. Which of two
  // handicaps ends first is the handicaps' to say, unless one saw the lease be free a poll later.
  std::vector<ProcessNumber> candidates_beside(const Elector& leader) {
    const election::Timing& timing = profile_.timing;
    std::vector<ProcessNumber> candidates;
    for (Replica replica = 0; replica < members_; ++replica) {
      Elector& elector = *electors_[replica];
      const bool could_lead = timeline_.now() >= could_lead_since_[replica] + Duration(timing.lease_duration) * 3 / 2;
      const bool should_lead =
          elector.handicap() == Duration::zero() || elector.handicap() + timing.poll_period() < leader.handicap();
      if (could_lead && should_lead) candidates.push_back(*elector.writer().source());
    }
    return candidates;
  }

  void judge_calm() {
    const Instant now = timeline_.now();
    const auto leads = [](const auto& elector) { return elector->term_with_authority().has_value(); };
    if (std::ranges::none_of(electors_, leads)) return judge_.nobody_leads();
    judge_.has_arrived(now - profile_.batch_deadline - 2s);
    for (const auto& elector : electors_) {
      const std::optional<Instant> since = elector->writer().waits_since();
      if (since && *since < now - held_max()) judge_.holds_for_ever(elector->name());
    }
  }

  std::optional<std::string> violation() const {
    return judge_.violation() ? judge_.violation() : election_judge_.violation();
  }

  Timeline timeline_;
  Chance chance_;
  Trace trace_;
  const Profile& profile_;
  std::size_t streams_;
  std::size_t members_;
  Climate climate_;
  election::SimulatedLease lease_;
  Targets targets_;
  Judge judge_;
  sim::Judge election_judge_;
  Fault fault_;
  Receiver receiver_;
  Electors electors_;

  std::vector<Instant> could_lead_since_;
  std::optional<election::Term> term_;  // the latest
};

}  // namespace

Verdict run(std::uint64_t seed, Fault fault, Trace::Output trace) {
  return Run(seed, fault, trace).play();
}

}  // namespace promfleet::sim::gate
