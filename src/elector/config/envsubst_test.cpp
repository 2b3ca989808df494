#include "elector/config/envsubst.h"

#include <map>

#include <gtest/gtest.h>

namespace promfleet::elector {
namespace {

std::string substituted(std::string_view text, std::size_t bytes_max = 1000) {
  const std::map<std::string, std::string, std::less<>> variables = {
      {"POD_NAME", "prom-0"}, {"0", "zero"}, {"EMPTY", ""}, {"NESTED", "$(POD_NAME)"}};
  const Environment environment = [&variables](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  const Result<std::string> result = substitute_environment(text, environment, bytes_max);
  return result ? *result : result.error().message();
}

TEST(Envsubst, FillsVariablesIn) {
  EXPECT_EQ(substituted("a: $(POD_NAME)\nb: x$(0)$(EMPTY)y\n"), "a: prom-0\nb: xzeroy\n");
  EXPECT_EQ(substituted("$(POD_NAME)"), "prom-0");
  EXPECT_EQ(substituted(""), "");
}

TEST(Envsubst, LeavesEverythingElseAsItIs) {
  for (const std::string_view text :
       {"$POD_NAME", "${POD_NAME}", "$()", "$(", "$(POD_NAME", "$(POD-NAME)", "$( POD_NAME )", "$", "$1", "($)"}) {
    EXPECT_EQ(substituted(text), text);
  }
  EXPECT_EQ(substituted("$(POD$(POD_NAME))"), "$(PODprom-0)");
  EXPECT_EQ(substituted("$$(POD_NAME)"), "$prom-0");
}

TEST(Envsubst, ValuesAreNotLookedAtAgain) {
  EXPECT_EQ(substituted("$(NESTED)"), "$(POD_NAME)");
}

TEST(Envsubst, VariableThatIsNotSetIsAnErrorThatNamesIt) {
  EXPECT_EQ(substituted("a: 1\nü: $(SHARD)\n"), "line 2, column 4: the environment variable SHARD is not set");
}

TEST(Envsubst, ResultIsBounded) {
  EXPECT_EQ(substituted("$(POD_NAME)1234", 10), "prom-01234");
  EXPECT_EQ(substituted("$(POD_NAME)12345", 10), "longer than 10 bytes with its environment variables filled in");
  EXPECT_EQ(substituted("$(POD_NAME)$(POD_NAME)$(UNSET)", 10),
            "longer than 10 bytes with its environment variables filled in")
      << "stops where it is too long";
}

}  // namespace
}  // namespace promfleet::elector
