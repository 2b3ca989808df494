#include "remote_write/client/retry_after.h"

#include <gtest/gtest.h>

namespace promfleet::remote_write {
namespace {

constexpr WallTime kNow = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);  // a Thursday

std::optional<Duration> asked_for(std::string_view text) {
  http::Fields fields;
  fields.add("retry-after", text);
  return find_retry_after(fields, kNow);
}

TEST(RetryAfter, MayBeInSeconds) {
  EXPECT_EQ(asked_for("0"), 0s);
  EXPECT_EQ(asked_for("17"), 17s);
}

TEST(RetryAfter, MayBeADate) {
  EXPECT_EQ(asked_for("Thu, 01 Jan 2026 00:00:17 GMT"), 17s);
  EXPECT_EQ(asked_for("Wed, 31 Dec 2025 23:59:59 GMT"), 0s);
  EXPECT_EQ(asked_for("Sat, 01 Jan 1678 00:00:00 GMT"), 0s);
}

TEST(RetryAfter, IsBounded) {
  for (const std::string_view text : {"301", "86400", "18446744073709551615", "99999999999999999999",
                                      "Thu, 01 Jan 2026 00:05:01 GMT", "Tue, 31 Dec 2261 23:59:59 GMT"}) {
    EXPECT_EQ(asked_for(text), kRetryAfterMax) << text;
  }
}

TEST(RetryAfter, IsIgnoredWhereItIsMissingOrMalformed) {
  EXPECT_EQ(find_retry_after({}, kNow), std::nullopt);
  for (const std::string_view text : {"", "soon", "-1", "+1", "1.5", "17s", " 17", "99999999999999999999s"}) {
    EXPECT_EQ(asked_for(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace promfleet::remote_write
