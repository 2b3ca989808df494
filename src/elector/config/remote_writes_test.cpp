#include "elector/config/remote_writes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/yaml/parse.h"

namespace promfleet::elector {
namespace {

using testing::ElementsAre;

Result<std::vector<RemoteWrite>> writes_in(std::string_view text) {
  return remote_writes(yaml::parse(text).value());
}

TEST(RemoteWrites, AreListedInTheirOrder) {
  EXPECT_THAT(*writes_in("remote_write:\n- url: http://a\n  name: first\n- {url: http://b}\n"),
              ElementsAre(RemoteWrite{.name = "first", .url = "http://a"}, RemoteWrite{.name = "", .url = "http://b"}));
}

TEST(RemoteWrites, NoneIsNone) {
  EXPECT_THAT(*writes_in("global: {}\n"), ElementsAre());
  EXPECT_THAT(*writes_in("remote_write: null\n"), ElementsAre());
  EXPECT_THAT(*writes_in(""), ElementsAre());
}

TEST(RemoteWrites, WhatIsNoListIsAnError) {
  EXPECT_FALSE(writes_in("remote_write: {url: x}\n"));
}

}  // namespace
}  // namespace promfleet::elector
