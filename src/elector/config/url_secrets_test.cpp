#include "elector/config/url_secrets.h"

#include <gtest/gtest.h>

namespace promfleet::elector {
namespace {

TEST(UrlSecrets, AreHiddenWhereverAUrlStandsInASentence) {
  EXPECT_EQ(without_secrets_of_urls("GET http://u:hush@a/x?k=hush failed, and https://b/y did not"),
            "GET http://<secret>@a/x?<secret> failed, and https://b/y did not");
  EXPECT_EQ(without_secrets_of_urls("http://u:hush@a"), "http://<secret>@a");
}

TEST(UrlSecrets, UrlInQuotesEndsWithThemWhateverItContains) {
  EXPECT_EQ(without_secrets_of_urls(R"(parse "https://u:hu sh@a/x": wrong)"), R"(parse "https://<secret>@a/x": wrong)");
  EXPECT_EQ(without_secrets_of_urls(R"(parse "https://u:hu\"sh@a": wrong "b@c")"),
            R"(parse "https://<secret>@a": wrong "b@c")");
  EXPECT_EQ(without_secrets_of_urls("'http://u:hush@a' `http://u:hush@b`"), "'http://<secret>@a' `http://<secret>@b`");
  EXPECT_EQ(without_secrets_of_urls(R"(parse "https://u:hush@a/)"), R"(parse "https://<secret>@a/)") << "cut off";
}

TEST(UrlSecrets, OtherTextStaysAsItIs) {
  for (const char* text : {"", "a@b?c", "mail a@b: \"c?d\"", "://", "\"://\""}) {
    EXPECT_EQ(without_secrets_of_urls(text), text);
  }
}

}  // namespace
}  // namespace promfleet::elector
