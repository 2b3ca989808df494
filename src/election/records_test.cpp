#include "election/records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace promfleet::election {
namespace {

using std::chrono::floor;
using std::chrono::seconds;

constexpr ProcessNumber kProcess(7);
constexpr WallTime kNoon = std::chrono::sys_days(std::chrono::year(2026) / 3 / 1) + 12h;

TEST(Records, AcquisitionNamesANewTermAndCountsTheTransition) {
  const LeaseRecord record = acquisition({.holder = "x", .transitions = 4}, "a", kProcess, 15s, kNoon);
  EXPECT_EQ(record.spec.holder, "a");
  EXPECT_EQ(record.spec.duration, 15s);
  EXPECT_EQ(record.spec.acquire_time, LeaseTime(floor<std::chrono::microseconds>(kNoon)));
  EXPECT_EQ(record.spec.renew_time, record.spec.acquire_time);
  EXPECT_EQ(record.spec.transitions, 5);
  EXPECT_EQ(record.spec.acquired_by, kProcess);
  EXPECT_EQ(record.notes, LeaseNotes{});
}

TEST(Records, FirstHolderOfANewLeaseIsNoTransition) {
  const LeaseRecord first = acquisition({}, "a", kProcess, 15s, kNoon);
  EXPECT_EQ(first.spec.transitions, 0);
  EXPECT_EQ(acquisition(first.spec, "b", kProcess, 15s, kNoon).spec.transitions, 1);
}

TEST(Records, TwoTermsInTheSameMicrosecondHaveDifferentNames) {
  const LeaseRecord first = acquisition({}, "a", kProcess, 15s, kNoon);
  const LeaseRecord second = acquisition(first.spec, "b", kProcess, 15s, kNoon);
  EXPECT_NE(first.spec.acquire_time, second.spec.acquire_time);
}

TEST(Records, NamesakesTermsInTheSameMicrosecondDiffer) {
  EXPECT_NE(acquisition({}, "twin", ProcessNumber(1), 15s, kNoon),
            acquisition({}, "twin", ProcessNumber(2), 15s, kNoon));
}

TEST(Records, TransitionsThatCannotBeCountedOnBeginAnew) {
  EXPECT_EQ(acquisition({.transitions = std::numeric_limits<std::int32_t>::max()}, "a", kProcess, 15s, kNoon)
                .spec.transitions,
            1);
  EXPECT_EQ(acquisition({.transitions = -7}, "a", kProcess, 15s, kNoon).spec.transitions, 1);
}

TEST(Records, RenewalKeepsTheTerm) {
  const LeaseRecord first = acquisition({}, "a", kProcess, 15s, kNoon);
  const LeaseRecord renewed = renewal(first.spec, "a", 15s, kNoon + 2s);
  EXPECT_EQ(renewed.spec.acquire_time, first.spec.acquire_time);
  EXPECT_EQ(renewed.spec.transitions, first.spec.transitions);
  EXPECT_EQ(renewed.spec.acquired_by, first.spec.acquired_by);
  EXPECT_EQ(renewed.spec.renew_time, *first.spec.renew_time + 2s);
}

TEST(Records, WholeSecondGrowsWithEachRenewal) {
  LeaseRecord record = acquisition({}, "a", kProcess, 15s, kNoon);
  // Quicker than a second, and back by a jump of the wall clock.
  for (const Duration at : {Duration(500ms), Duration(900ms), Duration(1100ms), Duration(1s), Duration(-30s)}) {
    const LeaseRecord next = renewal(record.spec, "a", 15s, kNoon + at);
    EXPECT_GT(floor<seconds>(*next.spec.renew_time), floor<seconds>(*record.spec.renew_time));
    record = next;
  }
}

TEST(Records, RenewTimeOfAClockThatWasFarAheadIsNotFollowed) {
  const LeaseRecord record = acquisition({}, "a", kProcess, 15s, kNoon + std::chrono::years(10));
  EXPECT_EQ(renewal(record.spec, "a", 15s, kNoon).spec.renew_time, LeaseTime(floor<std::chrono::microseconds>(kNoon)));
}

TEST(Records, ReleaseHasClientGosFormAndNamesTheTermThatEnded) {
  const LeaseRecord held = acquisition({}, "a", kProcess, 15s, kNoon);
  const LeaseRecord released = release(held.spec, *held.spec.acquire_time, "b", kNoon + 2s);
  EXPECT_EQ(released.spec.holder, "");
  EXPECT_EQ(released.spec.duration, 1s);
  EXPECT_EQ(released.spec.acquired_by, std::nullopt);
  EXPECT_EQ(released.spec.transitions, held.spec.transitions);
  EXPECT_EQ(released.notes.next_holder, "b");
  EXPECT_TRUE(is_confirmed_release(released));
}

TEST(Records, VacancyIsNoRelease) {
  EXPECT_FALSE(is_confirmed_release(vacancy(15s, kNoon)));
}

}  // namespace
}  // namespace promfleet::election
