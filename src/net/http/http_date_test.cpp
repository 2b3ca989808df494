#include "net/http/http_date.h"

#include <gtest/gtest.h>

namespace promfleet::http {
namespace {

TEST(HttpDate, IsWrittenAsTheRfcHasIt) {
  EXPECT_EQ(http_date(std::chrono::sys_seconds(784'111'777s) + 999ms), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(HttpDate, WhatIsWrittenIsReadAgain) {
  for (const std::chrono::seconds second : {-1s, 0s, 784'111'777s, 951'868'799s, 1'795'180'839s, 9'214'646'399s}) {
    const std::chrono::sys_seconds time(second);
    EXPECT_EQ(parse_http_date(http_date(time)), time) << second.count();
  }
}

TEST(HttpDate, WhatIsNoDateIsNone) {
  for (const std::string_view text :
       {"", "0", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 GMT ", "Mon, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nox 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 32 Nov 1994 08:49:37 GMT",
        "Wed, 30 Feb 1994 08:49:37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:60 GMT", "Sun, 06 Nov 1994 08-49-37 GMT",
        "Sun, 06 Nov 1994 08:49:37 CET", "Sun, +6 Nov 1994 08:49:37 GMT"}) {
    EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
  }
}

TEST(HttpDate, ObsoleteFormatsAreNotRead) {
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), std::nullopt);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994"), std::nullopt);
}

TEST(HttpDate, YearThatDoesNotFitIsNone) {
  EXPECT_EQ(parse_http_date("Fri, 31 Dec 9999 23:59:59 GMT"), std::nullopt);
  EXPECT_EQ(parse_http_date("Sat, 01 Jan 0000 00:00:00 GMT"), std::nullopt);
}

}  // namespace
}  // namespace promfleet::http
