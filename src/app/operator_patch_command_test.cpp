#include "app/operator_patch_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace promfleet {
namespace {

using testing::AllOf;
using testing::HasSubstr;

using Words = std::vector<std::string>;

std::string mistake_in(const Words& words) {
  return parse_operator_patch_command(words).error().message();
}

TEST(OperatorPatchCommandLine, NamesTheObjectAndWhatIsAdded) {
  const auto command = parse_operator_patch_command(Words{"-f", "-", "-proxy", "-arg=-a", "-arg=-b", "-image=mine:1"});
  EXPECT_EQ((*command)->file, "-");
  EXPECT_EQ((*command)->options.proxy, operator_patch::LeaderProxy::on);
  EXPECT_EQ((*command)->options.arguments, (Words{"-a", "-b"}));
  EXPECT_EQ((*command)->options.image, "mine:1");
}

TEST(OperatorPatchCommandLine, TheImageIsOfThisVersion) {
  const auto command = parse_operator_patch_command(Words{"-f=p.yaml"});
  EXPECT_THAT((*command)->options.image, AllOf(HasSubstr("promfleet/promfleet:"), HasSubstr(".")));
}

TEST(OperatorPatchCommandLine, HelpIsNoMistakeAndNamesTheFlags) {
  EXPECT_TRUE(parse_operator_patch_command(Words{"--help"}).has_value());
  EXPECT_THAT(operator_patch_help(), AllOf(HasSubstr("-leader-config-secret"), HasSubstr("-gate-config-secret")));
}

TEST(OperatorPatchCommandLine, MistakesAreNamed) {
  EXPECT_THAT(mistake_in({}), HasSubstr("-f FILE"));
  EXPECT_THAT(mistake_in({"-f=a", "stray"}), HasSubstr("unexpected argument \"stray\""));
  EXPECT_THAT(mistake_in({"-f=a", "-imag=b"}), HasSubstr("image"));
}

}  // namespace
}  // namespace promfleet
