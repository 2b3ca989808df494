#include "elector/prometheus/error_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace promfleet::elector {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

TEST(ShownError, SaysAsPrometheusDoesWhatIsNoSecret) {
  constexpr std::string_view kText =
      "failed to reload config: couldn't load configuration (--config.file=\"/etc/p.yml\"): parsing YAML file "
      "/etc/p.yml: yaml: unmarshal errors:\n  line 3: field scrape_configz not found in type config.plain";
  EXPECT_EQ(shown_error(kText), kText);
  EXPECT_EQ(shown_error("line 1: cannot unmarshal !!seq into config.plain\n  line 2: field `a` is odd"),
            "line 1: cannot unmarshal !!seq into config.plain\n  line 2: field `a` is odd");
}

// As Prometheus 3.15 words them.
TEST(ShownError, HidesWhatBrokenUrlsQuote) {
  EXPECT_EQ(shown_error(R"(parse "https://u:hush@hub:port/x": invalid port ":port" after host)"),
            R"(parse "https://<secret>@hub:port/x": invalid port "<secret>" after host)");
  EXPECT_EQ(shown_error(R"(parse "https://u:hu/sh@hub/x": invalid port ":hu" after host)"),
            R"(parse "https://<secret>@hub/x": invalid port "<secret>" after host)");
  EXPECT_EQ(shown_error(R"(parse "https://u:hush%zz@hub/x?token=hush": invalid URL escape "%zz")"),
            R"(parse "https://<secret>@hub/x?<secret>": invalid URL escape "<secret>")");
}

TEST(ShownError, HidesValuesThatStandInAWrongPlace) {
  EXPECT_EQ(shown_error("line 3: cannot unmarshal !!str `hush` into config.plain\n"
                        "  line 4: cannot unmarshal !!str `hu`\nsh...` into []string"),
            "line 3: cannot unmarshal !!str `<secret>` into config.plain\n"
            "  line 4: cannot unmarshal !!str `<secret>` into []string");
  EXPECT_EQ(shown_error("cannot unmarshal !!str `hush"), "cannot unmarshal !!str `<secret>") << "cut off";
}

TEST(ShownError, IsBoundedAndHidesBeforeItCuts) {
  const std::string shown = shown_error(std::string(980, 'x') + " http://user:hush@hub and more \n");
  EXPECT_THAT(shown, EndsWith(" http://<secret>@hub"));
  EXPECT_EQ(shown_error(std::string(5000, 'x')).size(), 1000u);
  EXPECT_THAT(shown_error(std::string(980, 'x') + " http://user:hush" + std::string(100, 'h') + "@hub"),
              Not(HasSubstr("hush")));
}

TEST(ShownError, EndsWithoutBlanks) {
  EXPECT_EQ(shown_error("Service Unavailable \n\n"), "Service Unavailable");
  EXPECT_EQ(shown_error("\n"), "");
}

}  // namespace
}  // namespace promfleet::elector
