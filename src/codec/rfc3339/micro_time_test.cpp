#include "codec/rfc3339/micro_time.h"

#include <gtest/gtest.h>

namespace promfleet::rfc3339 {
namespace {

using namespace std::chrono_literals;

const MicroTime kTime = std::chrono::sys_days(std::chrono::year(2026) / 1 / 2) + 3h + 4min + 5s + 678901us;

TEST(MicroTime, IsWrittenInUtcWithSixDecimals) {
  EXPECT_EQ(format(kTime), "2026-01-02T03:04:05.678901Z");
  EXPECT_EQ(format(MicroTime{}), "1970-01-01T00:00:00.000000Z");
}

TEST(MicroTime, ReadsAnyPrecision) {
  EXPECT_EQ(parse("2026-01-02T03:04:05.678901Z").value(), kTime);
  EXPECT_EQ(parse("2026-01-02T03:04:05.678901999Z").value(), kTime);
  EXPECT_EQ(parse("2026-01-02T03:04:05.6Z").value(), kTime - 78901us);
  EXPECT_EQ(parse("2026-01-02T03:04:05Z").value(), kTime - 678901us);
}

TEST(MicroTime, ReadsOffsets) {
  EXPECT_EQ(parse("2026-01-02T05:34:05.678901+02:30").value(), kTime);
  EXPECT_EQ(parse("2026-01-01T22:04:05.678901-05:00").value(), kTime);
}

TEST(MicroTime, ComesBackAsItWasWritten) {
  for (const char* text : {"0000-01-01T00:00:00.000000Z", "1969-12-31T23:59:59.999999Z", "2024-02-29T12:00:00.000001Z",
                           "9999-12-31T23:59:59.999999Z"}) {
    EXPECT_EQ(format(parse(text).value()), text);
  }
}

TEST(MicroTime, RefusesWhatIsNoTime) {
  for (const char* text : {"", "2026", "2026-01-02", "2026-01-02T03:04:05", "2026-01-02T03:04:05.Z",
                           "2026-13-02T03:04:05Z", "2026-02-30T03:04:05Z", "2026-01-02T24:00:00Z",
                           "2026-01-02T03:04:60Z", "2026-01-02T03:04:05Zjunk", "+026-01-02T03:04:05Z"}) {
    EXPECT_FALSE(parse(text)) << text;
  }
}

}  // namespace
}  // namespace promfleet::rfc3339
