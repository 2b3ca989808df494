#include "election/state_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/async/testing.h"
#include "core/os/simulated_file_system.h"

namespace promfleet::election {
namespace {

using testing::HasSubstr;

const Term kTerm{LeaseTime(std::chrono::microseconds(1'767'322'800'123'456)), FencingToken(4711), ProcessNumber(815)};

class StateFileTest : public testing::Test {
 protected:
  std::unique_ptr<StateFile> open(std::string group = "ns/name") {
    return StateFile::open(files_, pool_, "/out/state", std::move(group)).value();
  }
  void save(StateFile& file, const Term& term) {
    run_until_done(io_, [&]() -> Task<> { EXPECT_TRUE(co_await file.save(term)); });
  }

  asio::io_context io_;
  CpuPool pool_{1};
  SimulatedFileSystem files_;
};

TEST_F(StateFileTest, TermComesBackAfterARestart) {
  save(*open(), kTerm);
  EXPECT_EQ(open()->load().value(), kTerm);
  EXPECT_EQ(files_.read("/out/state", 1000).value(),
            "{\"group\":\"ns/name\",\"acquireTime\":\"2026-01-02T03:00:00.123456Z\",\"acquiredBy\":815,"
            "\"token\":4711}\n");
  EXPECT_EQ(files_.mode("/out/state"), 0600U);
}

TEST_F(StateFileTest, MissingFileIsNoTerm) {
  EXPECT_EQ(open()->load().value(), std::nullopt);
}

TEST_F(StateFileTest, TermWrittenWithoutAProcessIsReadWithoutOne) {
  ASSERT_TRUE(files_.replace("/out/state",
                             R"({"group":"ns/name","acquireTime":"2026-01-02T03:00:00.123456Z","token":4711})", 0600));
  EXPECT_EQ(open()->load().value(), (Term{kTerm.acquire_time, kTerm.token}));
}

TEST_F(StateFileTest, ForgottenTermIsNoTerm) {
  const std::unique_ptr<StateFile> file = open();
  save(*file, kTerm);
  run_until_done(io_, [&]() -> Task<> { EXPECT_TRUE(co_await file->forget()); });
  EXPECT_EQ(file->load().value(), std::nullopt);
}

TEST_F(StateFileTest, TermOfAnotherGroupIsNoTerm) {
  save(*open("ns/other"), kTerm);
  EXPECT_EQ(open()->load().value(), std::nullopt);
}

TEST_F(StateFileTest, SecondProcessIsTurnedAway) {
  const std::unique_ptr<StateFile> first = open();
  const auto second = StateFile::open(files_, pool_, "/out/state", "ns/name");
  EXPECT_EQ(second.error().code(), Errc::conflict);
}

TEST_F(StateFileTest, ReadOnlyFolderProvesNothingAndIsUsedOnceItCanBeWritten) {
  files_.fail_writes(Error(Errc::io_failed, "Read-only file system"));
  const std::unique_ptr<StateFile> file = open();
  EXPECT_THAT(file->load().error().message(), HasSubstr("Read-only file system"));
  run_until_done(io_, [&]() -> Task<> { EXPECT_FALSE(co_await file->save(kTerm)); });
  files_.fail_writes(std::nullopt);
  save(*file, kTerm);
  EXPECT_EQ(file->load().value(), kTerm);
  EXPECT_EQ(StateFile::open(files_, pool_, "/out/state", "ns/name").error().code(), Errc::conflict);
}

TEST_F(StateFileTest, WithoutTheLockAnotherProcessFileIsLeftAlone) {
  files_.fail_writes(Error(Errc::io_failed, "Read-only file system"));
  const std::unique_ptr<StateFile> late = open();
  files_.fail_writes(std::nullopt);
  const std::unique_ptr<StateFile> other = open();
  save(*other, kTerm);
  EXPECT_EQ(late->load().error().code(), Errc::conflict);
  run_until_done(io_, [&]() -> Task<> { EXPECT_EQ((co_await late->forget()).error().code(), Errc::conflict); });
  EXPECT_EQ(other->load().value(), kTerm);
}

TEST_F(StateFileTest, BrokenFileIsAnErrorThatNamesIt) {
  for (const char* text : {"", "{", "[]", "{\"group\":\"ns/name\"}",
                           "{\"group\":\"ns/name\",\"acquireTime\":\"2026-01-02T03:00:00Z\",\"token\":-1}"}) {
    EXPECT_TRUE(files_.replace("/out/state", text, 0600));
    const Result<std::optional<Term>> term = open()->load();
    ASSERT_FALSE(term) << text;
    EXPECT_THAT(term.error().message(), HasSubstr("/out/state"));
  }
}

}  // namespace
}  // namespace promfleet::election
