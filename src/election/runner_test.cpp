#include "election/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/rfc3339/micro_time.h"
#include "core/async/task_scope.h"
#include "core/os/simulated_clock.h"
#include "core/telemetry/log_testing.h"
#include "election/records.h"
#include "election/simulated_lease_store.h"
#include "election/term_file_testing.h"

namespace promfleet::election {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Network = SimulatedLeaseStore::Network;
using Watching = SimulatedLeaseStore::Watching;

int count_of(std::string_view text, std::string_view part) {
  int count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// Tells what the test says, and remembers what it heard.
class Diary final : public Progress {
 public:
  std::optional<std::string> to_tell() const override { return says; }
  void heard(const std::string& told) override {
    heard_texts.push_back(told);
    if (on_heard) on_heard();
  }

  std::optional<std::string> says;
  std::function<void()> on_heard;
  std::vector<std::string> heard_texts;
};

// A member whose role changes at once, unless it hangs.
class Node final : public Leadership {
 public:
  Node(std::string id, ProcessNumber process, SimulatedLease& lease, SimulatedClock& clock, asio::io_context& io,
       Watching watching)
      : store(lease, clock, io.get_executor(), watching),
        runner({io.get_executor(), clock, store, term_file, *this, metrics,
                Log(sink, clock, LogFormat::logfmt, LogLevel::debug), &diary},
               std::move(id), process, Timing{}) {}

  void assume(const Term& term, Reason) override {
    orders.push_back("assume");
    terms.push_back(term);
    if (!hangs) runner.promoted(ConfigHash());
  }
  void relinquish(Reason reason) override {
    orders.push_back("relinquish " + std::string(to_string(reason)));
    if (!hangs) runner.demoted();
  }

  void overran() override { orders.emplace_back("overran"); }

  MemorySink sink;
  Registry metrics;
  MemoryTermFile term_file;
  Diary diary;
  SimulatedLeaseStore store;
  std::vector<std::string> orders;
  std::vector<Term> terms;
  bool hangs = false;
  ElectionRunner runner;
};

class ElectionRunnerTest : public testing::Test {
 protected:
  ~ElectionRunnerTest() override {
    for (const auto& node : nodes_) kill(*node);
    background_.cancel();
    pass(0s);
  }

  Node& node(std::string id, Watching watching = Watching::supported) {
    return *nodes_.emplace_back(
        std::make_unique<Node>(std::move(id), ProcessNumber(nodes_.size() + 1), lease_, clock_, io_, watching));
  }
  void start(Node& node) {
    node.runner.start();
    node.runner.health_changed(Health::fit);
    pass(0s);
  }
  Node& started(std::string id, Watching watching = Watching::supported) {
    Node& added = node(std::move(id), watching);
    start(added);
    return added;
  }
  Node& leader(std::string id) {
    Node& first = started(std::move(id));
    pass(15s);
    first.orders.clear();
    return first;
  }
  void kill(Node& node) {
    background_.spawn(node.runner.close());
    pass(0s);
  }
  void pass(Duration duration) { clock_.advance(io_, duration); }

  asio::io_context io_;
  SimulatedClock clock_;
  SimulatedLease lease_;
  std::vector<std::unique_ptr<Node>> nodes_;
  TaskScope background_{io_.get_executor()};
};

TEST_F(ElectionRunnerTest, LeaderIsToldItsTermAndHasAuthority) {
  Node& a = started("a");
  EXPECT_THAT(a.orders, ElementsAre("relinquish starting"));
  pass(15s);
  EXPECT_THAT(a.orders, ElementsAre("relinquish starting", "assume"));
  EXPECT_TRUE(a.runner.has_authority());
  EXPECT_EQ(a.runner.term(), a.terms.front());
  EXPECT_EQ(a.term_file.content.value(), a.terms.front());
  pass(60s);
  EXPECT_TRUE(a.runner.has_authority());
}

TEST_F(ElectionRunnerTest, CrashIsTakenOverAtTheExpiryOfTheLastRenewal) {
  Node& a = leader("a");
  Node& b = started("b");
  pass(2s);
  kill(a);
  pass(14999ms);
  EXPECT_FALSE(b.runner.has_authority());
  pass(1ms);
  EXPECT_TRUE(b.runner.has_authority());
}

TEST_F(ElectionRunnerTest, LeavingDemotesReleasesAndLetsTheNextOneLeadAtOnce) {
  Node& a = leader("a");
  Node& b = started("b");
  bool has_left = false;
  background_.spawn(
      [](Node& node, bool& left) -> Task<> { left = (co_await node.runner.leave()).has_value(); }(a, has_left));
  pass(0s);
  EXPECT_TRUE(has_left);
  EXPECT_THAT(a.orders, ElementsAre("relinquish stopping"));
  EXPECT_EQ(a.term_file.content.value(), std::nullopt);
  EXPECT_TRUE(b.runner.has_authority());
}

TEST_F(ElectionRunnerTest, ReleaseThatCannotBeStoredIsToldWithTheTimeAtWhichTheLeaseExpires) {
  Node& a = leader("a");
  const WallTime renewed_at = clock_.wall_now();
  a.store.set_network(Network::refuses);
  bool has_left = false;
  background_.spawn(
      [](Node& node, bool& left) -> Task<> { left = (co_await node.runner.leave()).has_value(); }(a, has_left));
  pass(10s);
  EXPECT_TRUE(has_left);
  EXPECT_THAT(a.sink.text, HasSubstr("level=warn msg=\"the release could not be stored"));
  const auto expiry = std::chrono::floor<std::chrono::microseconds>(renewed_at + 15s);
  EXPECT_THAT(a.sink.text, HasSubstr("until=" + rfc3339::format(expiry)));
}

TEST_F(ElectionRunnerTest, MemberWithoutAWatchPolls) {
  Node& a = leader("a");
  Node& b = started("b", Watching::unsupported);
  pass(10s);
  kill(a);
  pass(18s);  // the lease, and one poll
  EXPECT_TRUE(b.runner.has_authority());
}

TEST_F(ElectionRunnerTest, MemberThatMayNotWatchSaysSoOnceAndPolls) {
  Node& a = leader("a");
  Node& b = started("b", Watching::forbidden);
  pass(10s);
  kill(a);
  pass(60s);
  EXPECT_TRUE(b.runner.has_authority());
  EXPECT_THAT(b.sink.text, HasSubstr("level=warn msg=\"this member may not watch the lease"));
  EXPECT_THAT(b.sink.text, HasSubstr("its Role needs the verb watch"));
  EXPECT_EQ(count_of(b.sink.text, "level=warn"), 1);
}

TEST_F(ElectionRunnerTest, WatchThatEndedIsTakenUpAgain) {
  Node& a = leader("a");
  Node& b = started("b");
  b.store.set_network(Network::refuses);
  pass(10s);
  b.store.set_network(Network::up);
  pass(10s);
  a.runner.step_down().value();
  pass(0s);
  EXPECT_TRUE(b.runner.has_authority());
}

TEST_F(ElectionRunnerTest, LeaderThatIsCutOffDemotesItselfAndComesBack) {
  Node& a = leader("a");
  a.store.set_network(Network::black_hole);
  pass(10s);
  EXPECT_FALSE(a.runner.has_authority());
  EXPECT_THAT(a.orders, ElementsAre("relinquish authority_lost"));
  EXPECT_EQ(a.runner.status().store_error, "no answer");
  a.store.set_network(Network::up);
  pass(10s);
  EXPECT_TRUE(a.runner.has_authority());
  EXPECT_EQ(a.runner.status().store_error, "");
  EXPECT_THAT(a.sink.text, HasSubstr("the lease store answers again"));
}

TEST_F(ElectionRunnerTest, LeaderWhoseAnswersAreLostKeepsItsTermOnceTheyComeAgain) {
  Node& a = leader("a");
  a.store.set_network(Network::loses_answers);
  pass(5s);
  a.store.set_network(Network::up);
  pass(20s);
  EXPECT_TRUE(a.runner.has_authority());
  EXPECT_THAT(a.orders, IsEmpty());
}

TEST_F(ElectionRunnerTest, SlowStoreUnseatsNobody) {
  Node& a = started("a", Watching::unsupported);
  pass(15s);
  a.orders.clear();
  a.store.set_latency(4200ms);
  pass(60s);
  EXPECT_TRUE(a.runner.has_authority());
  EXPECT_THAT(a.orders, IsEmpty());
}

TEST_F(ElectionRunnerTest, WatchMakesUpForAnswersThatComeTooLate) {
  Node& a = leader("a");
  a.store.set_latency(30s);
  pass(60s);
  EXPECT_TRUE(a.runner.has_authority());
  EXPECT_THAT(a.orders, IsEmpty());
}

TEST_F(ElectionRunnerTest, ReadThatHangsDoesNotDelayTheTakeover) {
  Node& a = leader("a");
  Node& b = started("b");
  pass(2s);
  kill(a);
  b.store.set_network(Network::black_hole);
  pass(14s);
  b.store.set_network(Network::up);
  pass(999ms);
  EXPECT_FALSE(b.runner.has_authority());
  pass(1ms);
  EXPECT_TRUE(b.runner.has_authority());
}

TEST_F(ElectionRunnerTest, RestartWithTheStateFileGoesOnWithTheTerm) {
  Node& a = leader("a");
  kill(a);
  Node& again = node("a");
  again.term_file.content = a.term_file.content;
  start(again);
  EXPECT_THAT(again.orders, ElementsAre("assume"));
  EXPECT_EQ(again.terms, a.terms);
}

TEST_F(ElectionRunnerTest, UnreadableStateFileProvesNothing) {
  Node& a = node("a");
  a.term_file.content = fail(Errc::invalid_input, "it is broken");
  start(a);
  EXPECT_THAT(a.orders, ElementsAre("relinquish starting"));
  EXPECT_THAT(a.sink.text, HasSubstr("it is broken"));
}

TEST_F(ElectionRunnerTest, TermThatCannotBeKeptIsToldOnceAndKeptLater) {
  Node& a = node("a");
  a.term_file.is_read_only = true;
  start(a);
  pass(60s);
  ASSERT_TRUE(a.runner.has_authority());
  EXPECT_EQ(a.runner.status().term_file_error, "read-only");
  EXPECT_EQ(count_of(a.sink.text, "the state file cannot be used"), 1);
  a.term_file.is_read_only = false;
  pass(10s);
  EXPECT_EQ(a.term_file.content.value(), a.terms.front());
  EXPECT_EQ(a.runner.status().term_file_error, "");
  EXPECT_THAT(a.sink.text, HasSubstr("the state file can be used again"));
}

TEST_F(ElectionRunnerTest, OverrunOfADemotionIsToldAndCountedOnce) {
  Node& a = leader("a");
  a.hangs = true;
  a.store.set_network(Network::black_hole);
  pass(60s);
  EXPECT_EQ(std::ranges::count(a.orders, "overran"), 1);
  EXPECT_THAT(a.metrics.render(), HasSubstr("promfleet_election_demotion_overruns_total 1\n"));
}

TEST_F(ElectionRunnerTest, OnlyALeaderStepsDown) {
  Node& a = leader("a");
  Node& b = started("b");
  EXPECT_EQ(b.runner.step_down().error().message(), "b does not lead");
  EXPECT_EQ(b.runner.switch_over("a").error().code(), Errc::unsupported);
  EXPECT_EQ(a.runner.switch_over("a").error().code(), Errc::invalid_input);
  EXPECT_TRUE(a.runner.switch_over("b"));
  pass(0s);
  EXPECT_TRUE(b.runner.has_authority());
}

TEST_F(ElectionRunnerTest, ImplementerMayAnswerFromWithinAnOrder) {
  Node& a = leader("a");
  a.runner.health_changed(Health::unfit);
  pass(0s);
  EXPECT_TRUE(is_confirmed_release(lease_.read()->record));
}

TEST_F(ElectionRunnerTest, StatusSaysWhoLeadsAndWhatIsWaitedFor) {
  Node& a = leader("a");
  Node& b = started("b");
  pass(3s);
  const ElectionStatus leading = a.runner.status();
  EXPECT_TRUE(leading.has_authority);
  EXPECT_EQ(leading.authority_left, 9s);
  EXPECT_EQ(leading.in_words, "leads");
  EXPECT_EQ(leading.leader, "a");
  const ElectionStatus following = b.runner.status();
  EXPECT_EQ(following.leader, "a");
  EXPECT_EQ(following.leader_since, a.terms.front().acquire_time);
  EXPECT_EQ(following.in_words, "follows; a holds the lease, for 14.0s unless it is renewed");
  b.runner.pause();
  EXPECT_EQ(b.runner.status().in_words, "follows; paused by an operator");
  b.runner.health_changed(Health::unfit);
  EXPECT_EQ(b.runner.status().in_words, "follows; the local Prometheus is not fit to lead");
}

TEST_F(ElectionRunnerTest, HolderWhoseLeaseRanOutIsNoLeader) {
  Node& a = leader("a");
  Node& b = started("b");
  b.runner.pause();
  kill(a);
  pass(16s);
  EXPECT_EQ(b.runner.status().leader, "");
}

TEST_F(ElectionRunnerTest, CoordinatedElectionIsRefusedInClearWords) {
  Node& a = leader("a");
  LeaseRecord record = lease_.read()->record;
  record.spec.strategy = "OldestEmulationVersion";
  lease_.edit(record);
  pass(1s);
  EXPECT_TRUE(a.runner.status().refuses_lease);
  EXPECT_THAT(a.runner.status().in_words, HasSubstr("spec.strategy OldestEmulationVersion"));
  EXPECT_THAT(a.sink.text, HasSubstr("coordinated election"));
}

TEST_F(ElectionRunnerTest, HistoryTellsWhatThisMemberSaw) {
  Node& a = leader("a");
  Node& b = started("b");
  a.runner.step_down().value();
  pass(0s);
  EXPECT_THAT(
      b.runner.history().transitions(),
      ElementsAre(AllOf(Field(&PastTransition::holder, "a"), Field(&PastTransition::reason, Reason::acquired)),
                  AllOf(Field(&PastTransition::holder, ""), Field(&PastTransition::reason, Reason::released)),
                  AllOf(Field(&PastTransition::holder, "b"), Field(&PastTransition::reason, Reason::acquired))));
  EXPECT_EQ(b.runner.status().last_transition, clock_.wall_now());
}

TEST_F(ElectionRunnerTest, WhoeverWaitsIsWokenWhenTheLeaderChanges) {
  Node& a = leader("a");
  Node& b = started("b");
  std::string seen;
  background_.spawn([](Node& node, SimulatedClock& clock, std::string& leader) -> Task<> {
    while (node.runner.status().leader == "a") {
      if (!co_await node.runner.wait_for_change(clock.now() + 1h)) co_return;
    }
    leader = node.runner.status().leader + "?";
  }(b, clock_, seen));
  pass(1s);
  EXPECT_EQ(seen, "");
  a.runner.step_down().value();
  pass(0s);
  EXPECT_THAT(seen, Not(IsEmpty()));
}

TEST_F(ElectionRunnerTest, LeaderTellsItsProgressWithEachRenewal) {
  Node& a = leader("a");
  Node& b = started("b");
  a.diary.says = "at 1";
  pass(2s);
  EXPECT_THAT(b.diary.heard_texts, ElementsAre("at 1"));
  a.diary.says = "at 2";
  EXPECT_THAT(b.diary.heard_texts, ElementsAre("at 1")) << "no write of its own";
  pass(2s);
  EXPECT_THAT(b.diary.heard_texts, ElementsAre("at 1", "at 2"));
}

TEST_F(ElectionRunnerTest, ReleaseCarriesTheLastProgressAndTheNextTermKeepsIt) {
  Node& a = leader("a");
  Node& b = started("b");
  a.diary.says = "the end";
  a.runner.step_down().value();
  pass(0s);
  EXPECT_TRUE(b.runner.has_authority());
  EXPECT_THAT(b.diary.heard_texts, ElementsAre("the end"));
  pass(20s);
  EXPECT_EQ(lease_.read()->record.notes.progress, "the end");
}

TEST_F(ElectionRunnerTest, FreeLeaseIsHeardBeforeItIsTaken) {
  Node& a = leader("a");
  a.diary.says = "the end";
  a.runner.step_down().value();
  pass(0s);
  kill(a);
  Node& b = node("b");
  b.diary.on_heard = [&] { b.runner.handicap_changed(5s); };
  start(b);
  pass(4999ms);
  EXPECT_FALSE(b.runner.has_authority());
  pass(1ms);
  EXPECT_TRUE(b.runner.has_authority());
}

TEST(History, KeepsTheLatest) {
  History history;
  for (int i = 0; i < 40; ++i) history.add({WallTime(std::chrono::seconds(i)), "a", Reason::acquired});
  EXPECT_EQ(history.transitions().size(), 32U);
  EXPECT_EQ(history.transitions().front().at, WallTime(8s));
}

}  // namespace
}  // namespace promfleet::election
