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

TEST(DescriptorLimit, IsWhatThisProcessHas) {
  EXPECT_GT(descriptor_limit(), 3u);
}

}  // namespace
}  // namespace promfleet
