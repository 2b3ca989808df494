#include "elector/config/remote_writes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace promfleet::elector {
namespace {

using testing::ElementsAre;

TEST(RemoteWrites, AreListedInTheirOrder) {
  EXPECT_THAT(*remote_writes("remote_write:\n- url: http://a\n  name: first\n- {url: http://b}\n"),
              ElementsAre(RemoteWrite{.name = "first", .url = "http://a"}, RemoteWrite{.name = "", .url = "http://b"}));
}

TEST(RemoteWrites, NoneIsNone) {
  EXPECT_THAT(*remote_writes("global: {}\n"), ElementsAre());
  EXPECT_THAT(*remote_writes("remote_write: null\n"), ElementsAre());
  EXPECT_THAT(*remote_writes(""), ElementsAre());
}

TEST(RemoteWrites, WhatIsNoListIsAnError) {
  EXPECT_FALSE(remote_writes("remote_write: {url: x}\n"));
}

}  // namespace
}  // namespace promfleet::elector
