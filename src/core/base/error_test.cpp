#include "core/base/error.h"

#include <cerrno>

#include <gtest/gtest.h>

#include "core/base/try.h"

namespace promfleet {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return fail(Errc::invalid_input, "{} is odd", number);
  return number / 2;
}

Result<int> quarter(int number) {
  TRY_ASSIGN(const int halved, half(number));
  return half(halved);
}

TEST(Error, ContextsStandBeforeTheCauseOutermostFirst) {
  Error error = Error(Errc::io_failed, "disk full").with_context("writing x").with_context("demoting");
  EXPECT_EQ(error.message(), "demoting: writing x: disk full");
  EXPECT_EQ(error.code(), Errc::io_failed);
}

TEST(Error, MissingFileIsNotFound) {
  Result<> result = fail_errno("open /x", ENOENT);
  EXPECT_EQ(result.error().code(), Errc::not_found);
  EXPECT_EQ(result.error().message(), "open /x: No such file or directory");
}

TEST(Try, LeavesWithTheFirstErrorAndGoesOnWithTheValue) {
  EXPECT_EQ(quarter(8), 2);
  EXPECT_EQ(quarter(6).error().message(), "3 is odd");
  EXPECT_EQ(quarter(5).error().message(), "5 is odd");
}

}  // namespace
}  // namespace promfleet
