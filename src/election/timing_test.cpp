#include "election/timing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace promfleet::election {
namespace {

using testing::HasSubstr;

std::string complaint(Duration lease, Duration renew, Duration retry) {
  const Result<Timing> timing = Timing::create(lease, renew, retry);
  return timing ? "" : timing.error().message();
}

TEST(Timing, UsualDurationsFit) {
  EXPECT_EQ(complaint(15s, 10s, 2s), "");
  EXPECT_EQ(complaint(3s, 2s, 500ms), "");
}

TEST(Timing, LeaseDurationIsInWholeSeconds) {
  EXPECT_THAT(complaint(1500ms, 1s, 100ms), HasSubstr("whole seconds"));
}

TEST(Timing, LeaseDurationIsBetweenASecondAndAnHour) {
  EXPECT_THAT(complaint(0s, 0s, 0s), HasSubstr("between 1s and 1h"));
  EXPECT_THAT(complaint(2h, 10s, 2s), HasSubstr("between 1s and 1h"));
}

TEST(Timing, RenewDeadlineLeavesTimeForADemotion) {
  EXPECT_THAT(complaint(10s, 10s, 2s), HasSubstr("must be less than the lease duration (10s)"));
}

TEST(Timing, RetryPeriodFitsIntoTheRenewDeadline) {
  EXPECT_THAT(complaint(15s, 10s, 9s), HasSubstr("more than 1.2 times the retry period (9s)"));
  EXPECT_THAT(complaint(15s, 10s, 0s), HasSubstr("greater than zero"));
}

TEST(Timing, RenewalsComeEveryRetryPeriodButNotMoreThanOnceASecond) {
  EXPECT_EQ((Timing{15s, 10s, 2s}).renew_period(), 2s);
  EXPECT_EQ((Timing{3s, 2s, 500ms}).renew_period(), 1s);
}

}  // namespace
}  // namespace promfleet::election
