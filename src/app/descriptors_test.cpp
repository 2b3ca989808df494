#include "app/descriptors.h"

#include <gtest/gtest.h>

namespace promfleet {
namespace {

TEST(ClientConnections, LeaveDescriptorsForTheProcessItself) {
  EXPECT_EQ(client_connections_max(1024), 896u);
  EXPECT_EQ(client_connections_max(12'000), 10'500u);
  EXPECT_EQ(client_connections_max(96), 32u);
}

TEST(ClientConnections, AreAtLeastOneAndAtMostWhatAServerTakes) {
  EXPECT_EQ(client_connections_max(10), 1u);
  EXPECT_EQ(client_connections_max(1'000'000), 16'384u);
}

TEST(DescriptorLimit, ThatIsTooLowIsToldWithWhatIsNeeded) {
  EXPECT_TRUE(check_descriptor_limit(64));
  const Result<> checked = check_descriptor_limit(12);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().message(), "at least 32 file descriptors are needed, and 12 are allowed (ulimit -n)");
}

TEST(DescriptorLimit, IsWhatThisProcessHas) {
  EXPECT_GT(descriptor_limit(), 3u);
}

}  // namespace
}  // namespace promfleet
