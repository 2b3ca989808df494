#include "net/resolver/resolver.h"

#include <latch>
#include <map>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/async/testing.h"
#include "core/base/try.h"
#include "core/os/simulated_clock.h"

namespace promfleet::net {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Addresses addresses(std::string_view text) {
  return {asio::ip::make_address(text)};
}

// A name server whose answers the test gives.
class FakeLookup final : public HostLookup {
 public:
  explicit FakeLookup(Executor executor) : answered_(executor) {}

  Task<Result<Addresses>> look_up(std::string host) override {
    ++questions;
    while (!answers_.contains(host)) CO_TRY(co_await answered_.wait());
    co_return answers_.at(host);
  }

  void answer(const std::string& host, Result<Addresses> result) {
    answers_.insert_or_assign(host, std::move(result));
    answered_.notify();
  }
  void fall_silent() { answers_.clear(); }

  int questions = 0;

 private:
  std::map<std::string, Result<Addresses>> answers_;
  Signal answered_;
};

class ResolverTest : public ::testing::Test {
 protected:
  ~ResolverTest() override {
    tasks.spawn(resolver.close());
    pass();
    EXPECT_EQ(tasks.running(), 0u);
  }

  void pass(Duration time = 0s) { clock.advance(io, time); }

  // What is known right after asking, or after `patience`; "waiting" if nothing is.
  std::string ask(std::string host, Duration patience = 10s) {
    outcome.reset();
    tasks.spawn([](ResolverTest& test, Resolver& the_resolver, std::string name, BootTime deadline) -> Task<> {
      test.outcome = co_await the_resolver.resolve(std::move(name), deadline);
    }(*this, resolver, std::move(host), clock.now() + patience));
    pass();
    return known();
  }

  std::string known() const {
    if (!outcome) return "waiting";
    if (!*outcome) return std::string(to_string(outcome->error().code()));
    std::string text;
    for (const auto& address : **outcome) text.append(text.empty() ? "" : " ").append(address.to_string());
    return text;
  }

  asio::io_context io;
  SimulatedClock clock;
  FakeLookup lookup{io.get_executor()};
  Resolver resolver{io.get_executor(), clock, lookup, {.fresh_for = 5s, .patience = 500ms, .names_max = 2}};
  TaskScope tasks{io.get_executor()};
  std::optional<Result<Addresses>> outcome;
};

TEST_F(ResolverTest, AsksNobodyForWhatNeedsNoAnswer) {
  EXPECT_EQ(ask("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(ask("2001:db8::1"), "2001:db8::1");
  EXPECT_EQ(ask("localhost"), "::1 127.0.0.1");
  EXPECT_EQ(ask("LocalHost"), "::1 127.0.0.1");
  EXPECT_EQ(lookup.questions, 0);
}

TEST_F(ResolverTest, AsksOnceWhileTheAnswerIsFresh) {
  lookup.answer("a.example", addresses("192.0.2.1"));
  EXPECT_EQ(ask("a.example"), "192.0.2.1");
  pass(4s);
  EXPECT_EQ(ask("a.example"), "192.0.2.1");
  EXPECT_EQ(lookup.questions, 1);
  lookup.answer("a.example", addresses("192.0.2.2"));
  pass(1s);
  EXPECT_EQ(ask("a.example"), "192.0.2.2");
}

TEST_F(ResolverTest, AsksOnceForAllWhoWait) {
  EXPECT_EQ(ask("a.example"), "waiting");
  EXPECT_EQ(ask("a.example"), "waiting");
  EXPECT_EQ(lookup.questions, 1);
  lookup.answer("a.example", addresses("192.0.2.1"));
  pass();
  EXPECT_EQ(known(), "192.0.2.1");
  EXPECT_EQ(tasks.running(), 0u);
}

TEST_F(ResolverTest, GivesTheLastGoodAnswerWhileTheNextOneIsSlow) {
  lookup.answer("a.example", addresses("192.0.2.1"));
  ask("a.example");
  pass(10s);
  lookup.fall_silent();
  EXPECT_EQ(ask("a.example"), "waiting");
  pass(499ms);
  EXPECT_EQ(known(), "waiting");
  pass(1ms);
  EXPECT_EQ(known(), "192.0.2.1");
  EXPECT_EQ(ask("a.example"), "192.0.2.1");  // nobody waits twice for the same look-up
  lookup.answer("a.example", addresses("192.0.2.2"));
  pass();
  EXPECT_EQ(ask("a.example"), "192.0.2.2");
}

TEST_F(ResolverTest, GivesTheLastGoodAnswerWhenTheNextOneIsAnError) {
  lookup.answer("a.example", addresses("192.0.2.1"));
  ask("a.example");
  pass(std::chrono::hours(1));
  lookup.answer("a.example", fail(Errc::not_found, "no such host"));
  EXPECT_EQ(ask("a.example"), "192.0.2.1");
}

TEST_F(ResolverTest, ReportsAnErrorAndAsksAgainNextTime) {
  lookup.answer("a.example", fail(Errc::not_found, "no such host"));
  EXPECT_EQ(ask("a.example"), "not_found");
  lookup.answer("a.example", addresses("192.0.2.1"));
  EXPECT_EQ(ask("a.example"), "192.0.2.1");
}

TEST_F(ResolverTest, GivesUpAtTheDeadline) {
  EXPECT_EQ(ask("a.example", 2s), "waiting");
  pass(2s);
  EXPECT_EQ(known(), "timed_out");
  EXPECT_THAT(outcome->error().message(), HasSubstr("a.example"));
}

TEST_F(ResolverTest, CancellationLeavesTheLookUpToOthers) {
  EXPECT_EQ(ask("a.example"), "waiting");
  std::optional<Result<Addresses>> heard;
  TaskScope others(io.get_executor());
  others.spawn([](Resolver& the_resolver, std::optional<Result<Addresses>>& answer) -> Task<> {
    answer = co_await the_resolver.resolve("a.example", kNever);
  }(resolver, heard));
  pass();
  tasks.cancel();
  pass();
  EXPECT_EQ(known(), "cancelled");
  lookup.answer("a.example", addresses("192.0.2.1"));
  pass();
  ASSERT_TRUE(heard && *heard);
  EXPECT_EQ(**heard, addresses("192.0.2.1"));
  EXPECT_EQ(lookup.questions, 1);
}

TEST_F(ResolverTest, ForgetsTheNameThatWasWantedLongestAgo) {
  for (const std::string host : {"a.example", "b.example", "c.example"}) {
    lookup.answer(host, addresses("192.0.2.1"));
    EXPECT_EQ(ask(host), "192.0.2.1");
    pass(1s);
  }
  EXPECT_EQ(lookup.questions, 3);
  ask("b.example");
  EXPECT_EQ(lookup.questions, 3);
  ask("a.example");
  EXPECT_EQ(lookup.questions, 4);
}

TEST_F(ResolverTest, ClosesWithoutWaitingForALookUp) {
  EXPECT_EQ(ask("a.example", 1s), "waiting");
  pass(1s);
  tasks.spawn(resolver.close());
  pass();
  EXPECT_EQ(tasks.running(), 0u);
}

TEST(SystemHostLookup, WaitsForNoAnswerThatNobodyWants) {
  struct SilentNameServer {
    std::latch is_asked{1};
    std::latch may_speak{1};
    std::latch has_spoken{1};
  };
  const auto server = std::make_shared<SilentNameServer>();
  Result<Addresses> answer = fail(Errc::unavailable, "not asked");
  {
    asio::io_context io;
    SystemHostLookup lookup(1, [server](const std::string&) -> Result<Addresses> {
      server->is_asked.count_down();
      server->may_speak.wait();
      server->has_spoken.count_down();
      return addresses("192.0.2.1");
    });
    run_until_done(io, [&]() -> Task<> {
      TaskScope scope(io.get_executor());
      scope.spawn([](SystemHostLookup& asked, Result<Addresses>& outcome) -> Task<> {
        outcome = co_await asked.look_up("a.example");
      }(lookup, answer));
      for (int i = 0; i < 10; ++i) co_await asio::post(io, kAwait);
      server->is_asked.wait();
      co_await scope.close();
    });
  }
  EXPECT_EQ(answer.error().code(), Errc::cancelled);
  server->may_speak.count_down();
  server->has_spoken.wait();
}

TEST(SystemHostLookup, AsksTheSystemOnAThreadOfItsOwn) {
  asio::io_context io;
  SystemHostLookup lookup(1);
  run_until_done(io, [&]() -> Task<> {
    const Result<Addresses> known = co_await lookup.look_up("127.0.0.1");
    EXPECT_TRUE(known);
    if (known) EXPECT_THAT(*known, ElementsAre(asio::ip::make_address("127.0.0.1")));
    const Result<Addresses> unknown = co_await lookup.look_up("not a host name");
    EXPECT_FALSE(unknown);
  });
}

}  // namespace
}  // namespace promfleet::net
