#include "net/auth/basic_auth.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <latch>
#include <vector>

#include "codec/base64/base64.h"
#include "core/async/task_scope.h"
#include "core/async/testing.h"

namespace promfleet::auth {
namespace {

using Verdict = PasswordChecker::Verdict;

// A cheap hash of "secret".
constexpr std::string_view kSecret = "$2b$04$pmdJT0TG6ru4MAnrTmY2pur1i.UnxmPw5FfbNsKoLwss1OXJGYKTm";

class PasswordCheckerTest : public testing::Test {
 protected:
  Verdict check(const std::string& user, const std::string& password) {
    Verdict verdict = Verdict::too_busy;
    run_until_done(
        io_, [&]() -> Task<> { verdict = co_await checker_.check(users_, {.user = user, .password = password}); });
    return verdict;
  }

  asio::io_context io_;
  CpuPool pool_{0};
  SeededRandom random_{1};
  Users users_{{"alice", *BcryptHash::parse(kSecret)}};
  PasswordChecker checker_{io_.get_executor(), pool_, random_};
};

TEST_F(PasswordCheckerTest, KnownUserWithThePasswordIsAccepted) {
  EXPECT_EQ(check("alice", "secret"), Verdict::accepted);
}

TEST_F(PasswordCheckerTest, OtherPasswordAndUnknownUserAreRefused) {
  EXPECT_EQ(check("alice", "guess"), Verdict::refused);
  EXPECT_EQ(check("bob", "secret"), Verdict::refused);
  EXPECT_EQ(check("", ""), Verdict::refused);
}

TEST_F(PasswordCheckerTest, RefusalIsNotRemembered) {
  EXPECT_EQ(check("alice", "guess"), Verdict::refused);
  EXPECT_EQ(check("alice", "secret"), Verdict::accepted);
  EXPECT_EQ(check("alice", "guess"), Verdict::refused);
}

TEST_F(PasswordCheckerTest, AcceptedPasswordIsRefusedOnceTheHashChanges) {
  EXPECT_EQ(check("alice", "secret"), Verdict::accepted);
  users_.at("alice") = *BcryptHash::parse("$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi");
  EXPECT_EQ(check("alice", "secret"), Verdict::refused);
}

TEST_F(PasswordCheckerTest, UserAndPasswordAreNotConfusedByWhereOneEnds) {
  users_.emplace("alic", *BcryptHash::parse(kSecret));
  EXPECT_EQ(check("alice", "secret"), Verdict::accepted);
  EXPECT_EQ(check("alic", "esecret"), Verdict::refused);
}

TEST(PasswordChecker, WaitsInABoundedQueueWhileOnePasswordIsChecked) {
  asio::io_context io;
  CpuPool pool(1);
  SeededRandom random(1);
  const Users users{{"alice", *BcryptHash::parse(kSecret)}};
  PasswordChecker checker(io.get_executor(), pool, random);
  std::vector<Verdict> verdicts;
  TaskScope tasks(io.get_executor());
  std::latch go(1);
  run_until_done(io, [&]() -> Task<> {
    // The one thread is busy, so nothing is checked before all have asked.
    tasks.spawn([](CpuPool& busy, std::latch& released) -> Task<> {
      co_await busy.run([&released] {
        released.wait();
        return 0;
      });
    }(pool, go));
    for (int i = 0; i < 100; ++i) {
      tasks.spawn([](PasswordChecker& asked, const Users& known, std::vector<Verdict>& out) -> Task<> {
        out.push_back(co_await asked.check(known, {.user = "alice", .password = "secret"}));
      }(checker, users, verdicts));
    }
    co_await asio::post(io.get_executor(), kAwait);
    co_await asio::post(io.get_executor(), kAwait);
    go.count_down();
    co_await tasks.join();
  });
  EXPECT_EQ(verdicts.size(), 100u);
  EXPECT_GT(std::ranges::count(verdicts, Verdict::accepted), 60);
  EXPECT_GT(std::ranges::count(verdicts, Verdict::too_busy), 30);
  EXPECT_EQ(std::ranges::count(verdicts, Verdict::refused), 0);
}

TEST(ParseBasic, ReadsUserAndPassword) {
  const std::optional<Credentials> credentials = parse_basic("Basic " + base64::encode("alice:a:b c"));
  ASSERT_TRUE(credentials);
  EXPECT_EQ(credentials->user, "alice");
  EXPECT_EQ(credentials->password, "a:b c");
  EXPECT_TRUE(parse_basic("basic " + base64::encode(":")));
}

TEST(ParseBasic, AnythingElseIsNoCredentials) {
  for (const std::string& text : {std::string(), std::string("Basic"), std::string("Basic "), std::string("Basic ???"),
                                  "Basic " + base64::encode("no colon"), "Bearer " + base64::encode("alice:secret")}) {
    EXPECT_FALSE(parse_basic(text)) << text;
  }
}

}  // namespace
}  // namespace promfleet::auth
