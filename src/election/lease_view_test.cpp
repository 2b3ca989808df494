#include "election/lease_view.h"

#include <gtest/gtest.h>

namespace promfleet::election {
namespace {

using News = LeaseView::News;

constexpr BootTime kStart{1h};

StoredLease held_by(std::string holder, std::uint64_t revision) {
  return {{.spec = {.holder = std::move(holder), .duration = 15s}, .notes = {}}, LeaseRevision(revision)};
}

TEST(LeaseView, KnowsNothingBeforeTheFirstObservation) {
  const LeaseView view;
  EXPECT_FALSE(view.is_known());
  EXPECT_EQ(view.free_at("a", Timing{}), kNever);
}

TEST(LeaseView, OlderRevisionFromAWatchIsIgnored) {
  LeaseView view;
  view.observe(held_by("b", 2), {}, kStart);
  EXPECT_EQ(view.observe(held_by("a", 1), {}, kStart + 1s), News::none);
  EXPECT_EQ(view.stored()->record.spec.holder, "b");
}

TEST(LeaseView, AnswerToAReadThatWasSentBeforeTheNewsIsIgnored) {
  LeaseView view;
  view.observe(held_by("b", 2), {}, kStart + 1s);
  EXPECT_EQ(view.observe(held_by("a", 1), kStart, kStart + 2s), News::none);
  EXPECT_EQ(view.observe_absent(kStart, kStart + 2s), News::none);
  EXPECT_FALSE(view.is_absent());
}

TEST(LeaseView, StoreThatWasRestoredFromABackupIsBelievedAgain) {
  LeaseView view;
  view.observe(held_by("b", 200), {}, kStart);
  EXPECT_EQ(view.observe(held_by("a", 100), kStart + 1s, kStart + 2s), News::spec);
  EXPECT_EQ(view.stored()->revision, LeaseRevision(100));
  EXPECT_EQ(view.seen_at(), kStart + 2s);
}

TEST(LeaseView, RecordOfBeforeADeletionDoesNotComeBackFromTheWatch) {
  LeaseView view;
  view.observe(held_by("a", 1), {}, kStart);
  view.observe_absent({}, kStart + 1s);
  EXPECT_EQ(view.observe(held_by("a", 1), {}, kStart + 2s), News::none);
  EXPECT_TRUE(view.is_absent());
}

TEST(LeaseView, DeletionThatAReadDisprovesIsTakenBack) {
  LeaseView view;
  view.observe(held_by("a", 1), {}, kStart);
  view.observe_absent({}, kStart + 1s);
  EXPECT_EQ(view.observe(held_by("a", 1), kStart + 2s, kStart + 3s), News::spec);
  EXPECT_FALSE(view.is_absent());
}

TEST(LeaseView, EmptyLeaseIsWaitedOutForTheLastHoldersDuration) {
  LeaseView view;
  StoredLease lease = held_by("a", 1);
  lease.record.spec.duration = 40s;
  view.observe(lease, {}, kStart);
  view.observe(held_by("", 2), {}, kStart + 1s);
  EXPECT_EQ(view.free_at("b", Timing{}), kStart + 41s);
}

TEST(LeaseView, LeaseThatNeverWasMayBeCreatedAtOnce) {
  LeaseView view;
  view.observe_absent({}, kStart);
  EXPECT_EQ(view.free_at("a", Timing{}), kStart);
}

TEST(LeaseView, HearingThatNothingChangedIsNoted) {
  LeaseView view;
  view.observe(held_by("a", 1), {}, kStart);
  EXPECT_EQ(view.observe(held_by("a", 1), {}, kStart + 3s), News::none);
  EXPECT_EQ(view.heard_at(), kStart + 3s);
  EXPECT_EQ(view.seen_at(), kStart);
}

}  // namespace
}  // namespace promfleet::election
