#include "election/stores/file/lease_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/os/simulated_clock.h"
#include "core/os/simulated_file_system.h"

namespace promfleet::election {
namespace {

using ::testing::HasSubstr;

class LeaseFileTest : public testing::Test {
 protected:
  StoredLease create() { return file_.try_create({.spec = {.holder = "a", .duration = 15s}}).value().value(); }
  Result<StoredLease> renew(LeaseRevision expected) {
    return file_.try_update({.spec = {.holder = "a", .duration = 15s, .transitions = 1}}, expected).value();
  }

  SimulatedFileSystem files_;
  SimulatedClock clock_;
  LeaseFile file_{files_, clock_, "/run/lease"};
};

TEST_F(LeaseFileTest, RevisionIsTheWallClockInMicroseconds) {
  const auto now = std::chrono::floor<std::chrono::microseconds>(clock_.wall_now()).time_since_epoch().count();
  EXPECT_EQ(create().revision, LeaseRevision(static_cast<std::uint64_t>(now)));
}

TEST_F(LeaseFileTest, RevisionGrowsThoughTheWallClockStepsBack) {
  const StoredLease created = create();
  clock_.step_wall_clock(-24h);
  EXPECT_EQ(renew(created.revision)->revision, LeaseRevision(created.revision.value() + 1));
}

TEST_F(LeaseFileTest, RevisionGrowsOverADeletionThoughTheWallClockStepsBack) {
  LeaseRevision last = renew(create().revision)->revision;
  for (const Duration back : {Duration(0s), Duration(24h), Duration(500 * 24h)}) {
    ASSERT_TRUE(files_.remove("/run/lease"));
    clock_.step_wall_clock(-back);
    const StoredLease created = create();
    EXPECT_GT(created.revision, last) << to_seconds(back) << " s back";
    last = renew(created.revision)->revision;
  }
}

TEST_F(LeaseFileTest, RevisionThatRanAheadOfTheWallClockGrowsOverADeletionToo) {
  create();
  ASSERT_TRUE(files_.replace("/run/lease", R"({"metadata":{"resourceVersion":"8000000000000000"}})", 0600));
  const LeaseRevision last = renew(LeaseRevision(8'000'000'000'000'000))->revision;
  ASSERT_TRUE(files_.remove("/run/lease"));
  EXPECT_GT(create().revision, last);
}

TEST_F(LeaseFileTest, RevisionsAreReservedOnceAnHour) {
  LeaseRevision last = create().revision;
  const int before = files_.replacements();
  for (int renewals = 0; renewals < 3600; ++renewals) {
    clock_.step_wall_clock(2s);
    last = renew(last)->revision;
  }
  EXPECT_EQ(files_.replacements() - before, 3600 + 1) << "within two hours, the first of which is reserved";
}

TEST_F(LeaseFileTest, ReservationThatCannotBeReadIsNamedAndChangesNothing) {
  ASSERT_TRUE(files_.replace("/run/lease.revision", "many\n", 0600));
  const Error error = file_.try_create({})->error();
  EXPECT_EQ(error, Error(Errc::protocol, "/run/lease.revision: \"many\" is not a number"));
  EXPECT_EQ(file_.read().value(), std::nullopt);
}

TEST_F(LeaseFileTest, FullDiskIsUnreachableAndLeavesTheOldLease) {
  const StoredLease created = create();
  files_.fail_writes(Error(Errc::io_failed, "write /run/lease.tmp: No space left on device"));
  const Error error = renew(created.revision).error();
  EXPECT_EQ(error.code(), Errc::unreachable);
  EXPECT_THAT(error.message(), HasSubstr("No space left on device"));
  EXPECT_EQ(file_.read().value(), created);
  files_.fail_writes(std::nullopt);
  EXPECT_TRUE(renew(created.revision));
}

TEST_F(LeaseFileTest, FileThatCannotBeReadIsUnreachableAndNeverOverwritten) {
  create();
  files_.fail_reads("/run/lease", Error(Errc::io_failed, "read /run/lease: Input/output error"));
  EXPECT_EQ(file_.read().error().code(), Errc::unreachable);
  EXPECT_EQ(file_.try_create({})->error().code(), Errc::unreachable);
  EXPECT_EQ(files_.replacements(), 2) << "of the lease and of the reservation, when it was created";
}

TEST_F(LeaseFileTest, HeldLockIsNoAnswer) {
  const auto lock = files_.lock(file_.lock_path()).value();
  EXPECT_FALSE(file_.try_create({}).has_value());
}

TEST_F(LeaseFileTest, EmptyFileIsAnErrorThatNamesIt) {
  ASSERT_TRUE(files_.replace("/run/lease", "", 0600));
  EXPECT_EQ(file_.read().error(), Error(Errc::protocol, "/run/lease: the lease: the JSON ends too early"));
}

}  // namespace
}  // namespace promfleet::election
