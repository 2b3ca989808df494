// Two members write the same series side by side, in any order of steps: whoever leads sends, whoever led sends on
// until it is refused, requests wait on the way, answers are lost, appends fail, the receiver restarts, the lease's
// store is replaced. What is stored then is judged by the definition: of each series the old leader's samples up to its
// last, then the new leader's, and nothing else. Receivers with a planted fault do not pass.
#include "remote_write/fence/group.h"

#include <algorithm>
#include <array>
#include <memory>
#include <random>

#include <gtest/gtest.h>

namespace promfleet::remote_write {
namespace {

constexpr std::int64_t kStart = 1'795'180'800'000;
constexpr std::int64_t kLateness = 12'000;
constexpr std::int64_t kGrace = 2'000;
constexpr std::size_t kSeries = 8;
constexpr std::size_t kStreams = 2;
constexpr std::array<std::string_view, kStreams> kStreamNames = {"even", "odd"};
constexpr std::array<std::string_view, kSeries> kNames = {"a_total", "b_total", "c_total", "d_total",
                                                          "e_total", "f_total", "g_total", "h_total"};

enum class Fault : std::uint8_t {
  none,
  token_checked_before_the_lock,
  one_cut_per_group,
  token_forgotten_by_a_restart,
  processes_taken_for_one,
};

struct Scraped {
  std::size_t series;
  std::int64_t timestamp_ms;
  double value;

  bool operator==(const Scraped&) const = default;
};

struct Stored {
  Scraped sample;
  std::size_t member;
  Term term;
};

using Batch = std::vector<Scraped>;

WriteRequest request_of(const Batch& batch) {
  WriteRequest request;
  for (const Scraped& sample : batch) {
    request.begin_series(std::vector<Label>{{"__name__", kNames[sample.series]}});
    request.add_sample({sample.timestamp_ms, sample.value});
  }
  return request;
}

// A write on its way.
struct Write {
  std::size_t member;
  std::size_t stream;
  FencingToken token;
  Batch batch;
  bool was_valid_on_arrival = false;
};

enum class Append : std::uint8_t { succeeds, fails, ends_with_a_crash };

// A receiver as it is meant to be built on the fence: its store and its record are what a crash leaves.
class Receiver {
 public:
  explicit Receiver(Fault fault) : fault_(fault) {}

  bool fence(const FenceRequest& request) {
    const std::expected<GroupRecord, Refusal> record = group_->fence(request);
    if (!record) return false;
    if (*record != record_) cut_ms_ = highest_watermark();
    record_ = *record;
    group_->adopt(*record);
    return true;
  }

  void reset() {
    record_ = group_->reset();
    group_->adopt(record_);
  }

  bool is_present(FencingToken token) const { return record_.token == token; }

  // Nothing: stored, and the answer is 2xx or lost.
  std::optional<Refusal> write(const Write& write, std::int64_t now_ms, Append append) {
    const bool is_mistaken = fault_ == Fault::token_checked_before_the_lock && write.was_valid_on_arrival;
    const FencingToken token = is_mistaken && record_.token ? *record_.token : write.token;
    const WriteRequest request = request_of(write.batch);
    std::expected<Admission, Refusal> admission = group_->admit(request, token, kStreamNames[write.stream]);
    if (!admission) return admission.error();
    if (append == Append::fails) return std::nullopt;
    if (fault_ == Fault::one_cut_per_group) {
      store(behind_cut(request), write.member);
    } else {
      store(admission->kept(), write.member);
    }
    if (append == Append::succeeds) {
      admission->commit(WallTime(std::chrono::milliseconds(now_ms)));
      record_.watermarks = group_->record().watermarks;
    }
    return std::nullopt;
  }

  // Whatever was in memory is gone.
  void restart() {
    GroupSnapshot snapshot{record_, {}};
    if (fault_ == Fault::token_forgotten_by_a_restart) snapshot.record.token.reset();
    record_ = snapshot.record;
    for (std::size_t series = 0; series < kSeries; ++series) {
      if (stored_[series].empty()) continue;
      const Stored& last = stored_[series].back();
      snapshot.series.push_back({series_key(std::vector<Label>{{"__name__", kNames[series]}}),
                                 {.timestamp_ms = last.sample.timestamp_ms,
                                  .value = last.sample.value,
                                  .token = last.term.token,
                                  .generation = last.term.generation,
                                  .kind = ValueKind::number}});
    }
    group_ = std::make_unique<FenceGroup>(snapshot);
  }

  std::int64_t watermark(std::size_t stream) const {
    const auto at = record_.watermarks.find(kStreamNames[stream]);
    return at == record_.watermarks.end() ? 0 : at->second;
  }

  const std::vector<Stored>& stored(std::size_t series) const { return stored_[series]; }

 private:
  void store(const WriteRequest& kept, std::size_t member) {
    for (const Series& series : kept.series()) {
      const auto name = std::ranges::find(kNames, kept.labels(series)[0].value);
      const auto number = static_cast<std::size_t>(name - kNames.begin());
      for (const Sample& sample : kept.samples(series)) {
        stored_[number].push_back({{number, sample.timestamp_ms, sample.value}, member, group_->term()});
      }
    }
  }

  // What a receiver keeps that remembers of each fence one time for all series.
  WriteRequest behind_cut(const WriteRequest& request) const {
    WriteRequest kept;
    for (const Series& series : request.series()) {
      const auto name = std::ranges::find(kNames, request.labels(series)[0].value);
      const std::vector<Stored>& stored = stored_[static_cast<std::size_t>(name - kNames.begin())];
      std::int64_t behind = cut_ms_;
      if (!stored.empty() && stored.back().term == group_->term()) behind = stored.back().sample.timestamp_ms;
      kept.begin_series(request.labels(series));
      for (const Sample& sample : request.samples(series)) {
        if (sample.timestamp_ms > behind) kept.add_sample(sample);
      }
    }
    return kept;
  }

  std::int64_t highest_watermark() const { return std::max(watermark(0), watermark(1)); }

  Fault fault_;
  std::unique_ptr<FenceGroup> group_ = std::make_unique<FenceGroup>();
  GroupRecord record_;
  std::int64_t cut_ms_ = 0;
  std::array<std::vector<Stored>, kSeries> stored_;
};

// A Prometheus and its gate: what was scraped, in the order of scraping, and how far each stream's queue has come.
struct Member {
  std::string name;  // of its process
  std::int64_t clock_ahead_ms = 0;
  std::array<std::vector<Scraped>, kStreams> queues;
  std::array<std::size_t, kStreams> sent = {};
  FencingToken token;  // of its latest term
  bool is_open = false;

  bool is_drained() const { return sent[0] == queues[0].size() && sent[1] == queues[1].size(); }
};

class World {
 public:
  World(std::uint64_t seed, Fault fault) : random_(seed), receiver_(fault) {
    members_[0].name = "a/1";
    members_[1].name = fault == Fault::processes_taken_for_one ? "a/1" : "b/1";
    tells_source_ = !one_in(4);
    members_[1].clock_ahead_ms = static_cast<std::int64_t>(below(1'800)) - 900;
    for (std::size_t member = 0; member < 2; ++member) {
      for (std::int64_t& phase : phases_[member]) phase = static_cast<std::int64_t>(below(5'000));
    }
    lead(0);
  }

  // What is wrong with the store in the end; nothing if all is well.
  std::string play() {
    for (int step = 0; step < 1'500; ++step) take_a_step();
    deliver_all();
    drain(leader_);
    return judge();
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  bool one_in(std::uint64_t number) { return below(number) == 0; }

  void take_a_step() {
    pass(static_cast<std::int64_t>(below(400)));
    switch (below(12)) {
      case 0:
        if (one_in(12)) lead(one_in(4) ? leader_ : 1 - leader_);
        break;
      case 1:
        if (one_in(4)) receiver_.restart();
        break;
      case 2:
        if (one_in(25)) replace_the_lease_store();
        break;
      case 3: ask_again(); break;
      case 4:
      case 5: deliver_any(); break;
      case 6:
      case 7: hold(1 - leader_, below(kStreams)); break;
      default: send(below(2), below(kStreams));
    }
  }

  // Every series is scraped by both members every 5 s, some every second, each at its own moment.
  void pass(std::int64_t duration_ms) {
    for (std::int64_t until = now_ms_ + duration_ms; now_ms_ < until; ++now_ms_) {
      for (std::size_t member = 0; member < 2; ++member) {
        for (std::size_t series = 0; series < kSeries; ++series) {
          const std::int64_t interval_ms = series < kStreams ? 1'000 : 5'000;
          if ((now_ms_ - kStart) % interval_ms != phases_[member][series] % interval_ms) continue;
          members_[member].queues[series % kStreams].push_back(
              {series, now_ms_ + members_[member].clock_ahead_ms, static_cast<double>(now_ms_ - kStart)});
        }
      }
    }
  }

  // The old leader does not know yet: it goes on sending.
  void lead(std::size_t member) {
    leader_ = member;
    members_[member].token = FencingToken(++last_token_);
    open(member);
  }

  void open(std::size_t member) {
    const Member& of = members_[member];
    members_[member].is_open = receiver_.fence({of.token, tells_source_ ? of.name : ""});
  }

  // Nobody has authority in the old store any more. What was on its way is lost.
  void replace_the_lease_store() {
    on_the_way_.clear();
    members_[1 - leader_].is_open = false;
    receiver_.reset();
    last_token_ = 0;
    lead(one_in(2) ? leader_ : 1 - leader_);
    members_[1 - leader_].is_open = false;
  }

  // A leader repeats its fence, and so does a member that takes itself for one.
  void ask_again() {
    const std::size_t member = below(2);
    if (members_[member].is_open) open(member);
  }

  Batch next_batch(std::size_t member, std::size_t stream) {
    const std::vector<Scraped>& queue = members_[member].queues[stream];
    const std::size_t begin = members_[member].sent[stream];
    const std::size_t end = std::min(queue.size(), begin + 1 + below(6));
    return {queue.begin() + static_cast<std::ptrdiff_t>(begin), queue.begin() + static_cast<std::ptrdiff_t>(end)};
  }

  void send(std::size_t member, std::size_t stream) {
    if (!members_[member].is_open) return;
    Write write{member, stream, members_[member].token, next_batch(member, stream)};
    if (write.batch.empty()) return;
    write.was_valid_on_arrival = receiver_.is_present(write.token);
    if (one_in(4)) {
      on_the_way_.push_back(std::move(write));
    } else {
      deliver(write);
    }
  }

  void deliver_any() {
    if (on_the_way_.empty()) return;
    const auto at = on_the_way_.begin() + static_cast<std::ptrdiff_t>(below(on_the_way_.size()));
    const Write write = std::move(*at);
    on_the_way_.erase(at);
    deliver(write);
  }

  void deliver_all() {
    while (!on_the_way_.empty()) deliver_any();
  }

  void deliver(const Write& write) {
    Member& member = members_[write.member];
    const Append append = one_in(10) ? Append::fails : one_in(10) ? Append::ends_with_a_crash : Append::succeeds;
    const std::optional<Refusal> refusal = receiver_.write(write, now_ms_, append);
    if (append == Append::ends_with_a_crash) receiver_.restart();
    if (refusal == Refusal::fenced) member.is_open = false;
    if (refusal == Refusal::fence_first && member.is_open) open(write.member);
    const bool is_answered = !refusal && append == Append::succeeds && !one_in(10);
    if (is_answered) acknowledge(member, write);
  }

  // Of a request that was sent again the queue may have heard already.
  static void acknowledge(Member& member, const Write& write) {
    const std::vector<Scraped>& queue = member.queues[write.stream];
    std::size_t& sent = member.sent[write.stream];
    const auto begin = std::ranges::find(queue, write.batch.front()) - queue.begin();
    if (static_cast<std::size_t>(begin) == sent) sent += write.batch.size();
  }

  // A follower lets go of what is old enough (rule 3).
  void hold(std::size_t member, std::size_t stream) {
    if (members_[member].is_open) return;
    const Batch batch = next_batch(member, stream);
    const std::int64_t until = std::min(receiver_.watermark(0), receiver_.watermark(1)) - kLateness;
    const bool is_old = std::ranges::all_of(batch, [&](const Scraped& sample) { return sample.timestamp_ms <= until; });
    if (is_old) members_[member].sent[stream] += batch.size();
  }

  void drain(std::size_t member) {
    open(member);
    for (int round = 0; round < 20'000 && !members_[member].is_drained(); ++round) {
      const std::size_t stream = below(kStreams);
      const Batch batch = next_batch(member, stream);
      if (batch.empty()) continue;
      deliver({member, stream, members_[member].token, batch, true});
    }
  }

  std::string judge() const {
    if (!members_[leader_].is_drained()) return "the leader cannot write";
    for (std::size_t series = 0; series < kSeries; ++series) {
      const std::string problem = judge(series);
      if (!problem.empty()) return std::string(kNames[series]) + ": " + problem;
    }
    return "";
  }

  // Walks the store from one sample to the next, and through what its member scraped between the two.
  std::string judge(std::size_t series) const {
    const std::vector<Stored>& stored = receiver_.stored(series);
    if (stored.empty()) return "nothing is stored";
    for (std::size_t at = 1; at < stored.size(); ++at) {
      const Stored& before = stored[at - 1];
      const Stored& next = stored[at];
      if (next.sample.timestamp_ms <= before.sample.timestamp_ms) return "a step back in time, or a sample twice";
      if (next.sample.value < before.sample.value) return "a counter falls";
      if (before.term != next.term && !follows(before.term, next.term)) return "an old leader writes after a new one";
      const std::int64_t grace = goes_on(before, next) ? 0 : kGrace;
      if (has_left_out(series, next, before.sample.timestamp_ms + grace)) return "a sample is lost";
    }
    return stored.back().sample == last_of(series) ? "" : "the last sample is lost";
  }

  // Its own last sample is there, and the receiver knows so: within a term, and in a later one of this generation.
  bool goes_on(const Stored& before, const Stored& next) const {
    const bool is_told = tells_source_ && before.term.generation == next.term.generation;
    return before.member == next.member && (before.term == next.term || is_told);
  }

  static bool follows(Term before, Term next) {
    return before.generation < next.generation || (before.generation == next.generation && before.token < next.token);
  }

  // Whether the member of `next` had another sample behind the time given, and before this one.
  bool has_left_out(std::size_t series, const Stored& next, std::int64_t behind_ms) const {
    return std::ranges::any_of(members_[next.member].queues[series % kStreams], [&](const Scraped& sample) {
      return sample.series == series && sample.timestamp_ms > behind_ms &&
             sample.timestamp_ms < next.sample.timestamp_ms;
    });
  }

  // Of the leader, unless it is covered.
  Scraped last_of(std::size_t series) const {
    const std::vector<Stored>& stored = receiver_.stored(series);
    const std::vector<Scraped>& queue = members_[leader_].queues[series % kStreams];
    for (auto at = queue.rbegin(); at != queue.rend(); ++at) {
      if (at->series != series) continue;
      const bool is_covered =
          stored.back().member != leader_ && at->timestamp_ms <= stored.back().sample.timestamp_ms + kGrace;
      return is_covered ? stored.back().sample : *at;
    }
    return stored.back().sample;
  }

  std::mt19937_64 random_;
  Receiver receiver_;
  std::array<Member, 2> members_;
  std::array<std::array<std::int64_t, kSeries>, 2> phases_{};
  std::vector<Write> on_the_way_;
  std::int64_t now_ms_ = kStart;
  std::uint64_t last_token_ = 0;
  std::size_t leader_ = 0;
  bool tells_source_ = true;
};

TEST(FenceGroupProperty, OldLeadersSamplesThenTheNewOnesAndNothingElse) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    ASSERT_EQ(World(seed, Fault::none).play(), "") << "seed " << seed;
  }
}

bool is_found(Fault fault) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    if (!World(seed, fault).play().empty()) return true;
  }
  return false;
}

TEST(FenceGroupProperty, TokenCheckedBeforeTheLockIsFound) {
  EXPECT_TRUE(is_found(Fault::token_checked_before_the_lock));
}

TEST(FenceGroupProperty, OneCutPerGroupIsFound) {
  EXPECT_TRUE(is_found(Fault::one_cut_per_group));
}

TEST(FenceGroupProperty, ProcessesTakenForOneAreFound) {
  EXPECT_TRUE(is_found(Fault::processes_taken_for_one));
}

TEST(FenceGroupProperty, TokenForgottenByARestartIsFound) {
  EXPECT_TRUE(is_found(Fault::token_forgotten_by_a_restart));
}

}  // namespace
}  // namespace promfleet::remote_write
