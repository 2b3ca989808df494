#include "model/duration.h"

#include <gtest/gtest.h>

namespace promfleet {
namespace {

TEST(PrometheusDuration, UnitsAreReadLargestFirst) {
  EXPECT_EQ(parse_prometheus_duration("15s"), 15s);
  EXPECT_EQ(parse_prometheus_duration("1h30m"), 90min);
  EXPECT_EQ(parse_prometheus_duration("1d"), 24h);
  EXPECT_EQ(parse_prometheus_duration("1y2w3d4h5m6s7ms"), 24h * (365 + 14 + 3) + 4h + 5min + 6s + 7ms);
  EXPECT_EQ(parse_prometheus_duration("0"), 0s);
}

TEST(PrometheusDuration, AnythingElseIsRefused) {
  for (const char* text :
       {"", "15", "s", "1.5h", "30m1h", "1s1s", "-1s", "1h ", "1x", "99999999999999999999s", "400y"}) {
    EXPECT_FALSE(parse_prometheus_duration(text)) << text;
  }
}

}  // namespace
}  // namespace promfleet
