#include "elector/gate/source_check.h"

#include <gtest/gtest.h>

namespace promfleet::elector {
namespace {

using Finding = SourceCheck::Finding;
using http::ConnectionNumber;

TEST(SourceCheck, AsksOnceForEachConnection) {
  SourceCheck check;
  EXPECT_FALSE(check.knows(ConnectionNumber(1)));
  EXPECT_EQ(check.learn(ConnectionNumber(1), "t1"), Finding::known);
  EXPECT_TRUE(check.knows(ConnectionNumber(1)));
  EXPECT_FALSE(check.knows(ConnectionNumber(2)));
  EXPECT_EQ(check.learn(ConnectionNumber(2), "t1"), Finding::known);
}

TEST(SourceCheck, AnotherStartTimeIsAnotherProcessAndItsOldConnectionsAreNotKnownAnyMore) {
  SourceCheck check;
  check.learn(ConnectionNumber(1), "t1");
  EXPECT_EQ(check.learn(ConnectionNumber(2), "t2"), Finding::restarted);
  EXPECT_FALSE(check.knows(ConnectionNumber(1)));
  EXPECT_EQ(check.started_at(), "t2");
}

TEST(SourceCheck, AfterALossWhoeverComesNextIsAskedAndIsTheFirst) {
  SourceCheck check;
  check.learn(ConnectionNumber(1), "t1");
  check.lost();
  EXPECT_FALSE(check.knows(ConnectionNumber(1)));
  EXPECT_EQ(check.started_at(), "");
  EXPECT_EQ(check.learn(ConnectionNumber(2), "t2"), Finding::known);
}

TEST(SourceCheck, KeepsTheLatestConnections) {
  SourceCheck check;
  for (std::uint64_t number = 1; number <= 65; ++number) check.learn(ConnectionNumber(number), "t1");
  EXPECT_FALSE(check.knows(ConnectionNumber(1)));
  EXPECT_TRUE(check.knows(ConnectionNumber(2)));
  EXPECT_TRUE(check.knows(ConnectionNumber(65)));
}

TEST(SourceName, IsOneOfTheMemberAndTheStartTime) {
  EXPECT_EQ(source_name("a b", "2026-01-01T00:00:00Z"), "a%20b/2026-01-01T00%3A00%3A00Z");
}

TEST(SourceName, IsEmptyWhereAnotherProcessCouldHaveTheSame) {
  EXPECT_EQ(source_name("a", ""), "");
  EXPECT_EQ(source_name("a", kUnknownStart), "");
  EXPECT_EQ(source_name(std::string(600, 'a'), "2026-01-01T00:00:00Z"), "") << "a receiver would refuse it";
}

}  // namespace
}  // namespace promfleet::elector
