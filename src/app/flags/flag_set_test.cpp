#include "app/flags/flag_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/flags/go_value.h"

namespace promfleet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct FlagSetTest : testing::Test {
  FlagSetTest() {
    flags.add("name", name, "A name");
    flags.add("init", init, "A switch");
    flags.add("attempts", attempts, "A count");
    flags.add("port", port, "A port");
    flags.add("period", period, "A duration");
    flags.add("dir", dirs, "Folders");
  }
  Result<FlagSet::Parsed> parse(std::vector<std::string> arguments) { return flags.parse(arguments); }
  std::string error(std::vector<std::string> arguments) { return parse(std::move(arguments)).error().message(); }

  std::string name = "x";
  bool init = false;
  int attempts = 5;
  std::uint16_t port = 9090;
  Duration period = 90s;
  std::vector<std::string> dirs;
  FlagSet flags;
};

TEST_F(FlagSetTest, AllFourFormsGiveAValue) {
  for (const auto& form : {std::vector<std::string>{"-name", "v"}, {"-name=v"}, {"--name", "v"}, {"--name=v"}}) {
    name = "x";
    ASSERT_TRUE(parse(form));
    EXPECT_EQ(name, "v");
  }
}

TEST_F(FlagSetTest, BooleanTakesNoSeparateValue) {
  const auto parsed = parse({"-init", "false"});
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(init);
  EXPECT_THAT(parsed->rest, ElementsAre("false"));
  ASSERT_TRUE(parse({"-init=f"}));
  EXPECT_FALSE(init);
}

TEST_F(FlagSetTest, ParsingStopsAtTheFirstWordThatIsNoFlag) {
  EXPECT_THAT(parse({"-init", "status", "-name=v"})->rest, ElementsAre("status", "-name=v"));
  EXPECT_THAT(parse({"--", "-name=v"})->rest, ElementsAre("-name=v"));
  EXPECT_THAT(parse({"-"})->rest, ElementsAre("-"));
  EXPECT_EQ(name, "x");
}

TEST_F(FlagSetTest, ValueMayBeEmptyOrLookLikeAFlag) {
  ASSERT_TRUE(parse({"-name="}));
  EXPECT_EQ(name, "");
  ASSERT_TRUE(parse({"-name", "-init"}));
  EXPECT_EQ(name, "-init");
  ASSERT_TRUE(parse({"-name=a=b"}));
  EXPECT_EQ(name, "a=b");
}

TEST_F(FlagSetTest, LastValueWinsAndListsCollect) {
  ASSERT_TRUE(parse({"-name=a", "-dir=1", "-name=b", "-dir=2"}));
  EXPECT_EQ(name, "b");
  EXPECT_THAT(dirs, ElementsAre("1", "2"));
}

TEST_F(FlagSetTest, HelpIsAskedForByHOrHelp) {
  EXPECT_TRUE(parse({"-h"})->help_requested);
  EXPECT_TRUE(parse({"-init", "--help", "-nonsense"})->help_requested);
}

TEST_F(FlagSetTest, MistakesAreNamedWithWhatWouldBeRight) {
  EXPECT_EQ(error({"-nme=v"}), "unknown flag -nme; did you mean -name?");
  EXPECT_EQ(error({"-completely-else"}), "unknown flag -completely-else");
  EXPECT_EQ(error({"-name"}), "flag -name needs a value: -name=string");
  EXPECT_EQ(error({"-init=maybe"}), "flag -init: \"maybe\" is not a boolean: use true or false");
  EXPECT_EQ(error({"-period=5"}), "flag -period: \"5\" is not a duration: write it like 300ms, 15s or 1m30s");
  EXPECT_EQ(error({"-port=70000"}), "flag -port: 70000 is not a port: use a number from 1 to 65535");
  EXPECT_EQ(error({"-attempts=x"}), "flag -attempts: \"x\" is not a whole number");
  EXPECT_EQ(error({"---name"}), "\"---name\" is not a flag: write -name=value");
}

TEST_F(FlagSetTest, HelpShowsTypesAndDefaultsAsGoDoes) {
  EXPECT_THAT(flags.help(), HasSubstr("  -name string\n        A name (default \"x\")\n"));
  EXPECT_THAT(flags.help(), HasSubstr("  -init\n        A switch\n"));
  EXPECT_THAT(flags.help(), HasSubstr("  -period duration\n        A duration (default 1m30s)\n"));
}

TEST(GoDuration, EveryFormOfGoIsRead) {
  EXPECT_EQ(parse_go_duration("1m30s"), 90s);
  EXPECT_EQ(parse_go_duration("1.5h"), 90min);
  EXPECT_EQ(parse_go_duration("100ms"), 100ms);
  EXPECT_EQ(parse_go_duration("-.5s"), -500ms);
  EXPECT_EQ(parse_go_duration("+5.s"), 5s);
  EXPECT_EQ(parse_go_duration("0"), 0s);
  EXPECT_EQ(parse_go_duration("1h1m1s1ms1us1ns"), 1h + 1min + 1s + 1ms + 1us + 1ns);
  EXPECT_EQ(parse_go_duration("2\u00b5s"), 2us);
  EXPECT_EQ(parse_go_duration("0.0000000001s"), 0s);
  EXPECT_EQ(parse_go_duration("0.1s"), 100ms);
}

TEST(GoDuration, AnythingElseIsRefused) {
  for (const char* text : {"", "5", "s", ".s", "1x", "1s ", "--1s", "1.2.3s", "3000000h", "99999999999999999999s"}) {
    EXPECT_FALSE(parse_go_duration(text)) << text;
  }
}

TEST(GoDuration, FormattedFormIsShort) {
  EXPECT_EQ(format_go_duration(15s), "15s");
  EXPECT_EQ(format_go_duration(90s), "1m30s");
  EXPECT_EQ(format_go_duration(-1500ms), "-1s500ms");
  EXPECT_EQ(format_go_duration(0s), "0s");
}

TEST(GoInt, BasesAndUnderscoresAreReadAsGoDoes) {
  EXPECT_EQ(parse_go_int("0x1F"), 31);
  EXPECT_EQ(parse_go_int("0b101"), 5);
  EXPECT_EQ(parse_go_int("017"), 15);
  EXPECT_EQ(parse_go_int("0o17"), 15);
  EXPECT_EQ(parse_go_int("-1_000"), -1000);
  EXPECT_EQ(parse_go_int("0"), 0);
  for (const char* text : {"", "-", "_1", "1_", "1__0", "0x", "1.5", "9223372036854775808", "+-1", "08"}) {
    EXPECT_FALSE(parse_go_int(text)) << text;
  }
}

}  // namespace
}  // namespace promfleet
