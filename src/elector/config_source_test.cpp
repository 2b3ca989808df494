#include "elector/config_source.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/async/testing.h"
#include "core/os/config_map_testing.h"
#include "core/os/inotify_watcher.h"
#include "core/os/real_file_system.h"
#include "core/os/simulated_clock.h"
#include "core/os/simulated_file_system.h"
#include "core/os/simulated_file_watcher.h"
#include "core/telemetry/log_testing.h"

namespace promfleet::elector {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

// A configuration whose leader is told apart by `name`.
std::string config(std::string_view name) {
  return fmt::format("follower: {{a: 1}}\nleader: {{b: {}}}\n", name);
}

TEST(ReadConfig, BothFilesAreReadOfAWholeConfiguration) {
  SimulatedFileSystem files;
  ASSERT_TRUE(files.replace("p.yml", "a: $(NAME)\n", 0600));
  ASSERT_TRUE(files.replace("l.yml", "b: 2\n", 0600));
  const Environment environment = [](std::string_view name) { return std::optional(std::string(name) + "'s value"); };
  const Result<RoleConfigs> read =
      read_config(files, {.config = "p.yml", .leader_config = "l.yml", .environment = environment});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->follower, "a: NAME's value\n");
  EXPECT_EQ(read->leader, "a: NAME's value\nb: 2\n");
}

TEST(ReadConfig, FileThatIsNotThereIsNamed) {
  SimulatedFileSystem files;
  EXPECT_THAT(read_config(files, {.config = "p.yml", .leader_config = "l.yml"}).error().message(), HasSubstr("p.yml"));
  ASSERT_TRUE(files.replace("p.yml", "a: 1\n", 0600));
  EXPECT_THAT(read_config(files, {.config = "p.yml", .leader_config = "l.yml"}).error().message(), HasSubstr("l.yml"));
}

TEST(ReadFollowerConfig, LeadersFileNeedNotBeThere) {
  SimulatedFileSystem files;
  ASSERT_TRUE(files.replace("p.yml", "a: 1\n", 0600));
  EXPECT_EQ(read_follower_config(files, {.config = "p.yml", .leader_config = "l.yml"}), "a: 1\n");
  ASSERT_TRUE(files.replace("p.yml", config("x"), 0600));
  EXPECT_EQ(read_follower_config(files, {.config = "p.yml"}), "a: 1\n");
}

class ConfigSourceTest : public testing::Test {
 protected:
  explicit ConfigSourceTest(ConfigFiles names = {.config = "/etc/elector/e.yml"}) : names_(std::move(names)) {}
  ~ConfigSourceTest() override {
    run_until_done(io_, [this] { return source_.close(); });
  }

  void start() {
    source_.start();
    pass(0s);
  }
  void pass(Duration time) { clock_.advance(io_, time); }
  void put(const std::string& text) { ASSERT_TRUE(files_.replace("/etc/elector/e.yml", text, 0600)); }
  void touch(const std::string& folder = "/etc/elector") {
    watcher_.touch(folder);
    pass(0s);
  }
  // The file is changed, and its folder tells.
  void change(const std::string& text) {
    put(text);
    touch();
  }

  ConfigSource::Parts parts() {
    return {.io = io_,
            .clock = clock_,
            .files = files_,
            .watcher = watcher_,
            .pool = pool_,
            .metrics = metrics_,
            .log = Log(sink_, clock_, LogFormat::logfmt, LogLevel::info)};
  }

  asio::io_context io_;
  SimulatedClock clock_;
  SimulatedFileSystem files_;
  SimulatedFileWatcher watcher_;
  CpuPool pool_{0};
  Registry metrics_;
  MemorySink sink_;
  std::vector<std::string> leaders_;     // those that were told
  std::optional<std::string> follower_;  // what broken files still said of it
  ConfigFiles names_;
  ConfigSource source_{parts(),
                       names_,
                       {.on_configs = [this](const RoleConfigs& configs) { leaders_.push_back(configs.leader); },
                        .on_broken = [this](std::optional<std::string> follower) { follower_ = std::move(follower); }}};
};

TEST_F(ConfigSourceTest, ConfigurationIsToldOnce) {
  put(config("one"));
  start();
  pass(1min);
  EXPECT_THAT(leaders_, ElementsAre("a: 1\nb: one\n"));
  EXPECT_EQ(source_.current()->follower, "a: 1\n");
  EXPECT_EQ(source_.error(), "");
  EXPECT_THAT(metrics_.render(), HasSubstr("promfleet_elector_config_valid 1\n"));
}

TEST_F(ConfigSourceTest, WatchTellsOfAChangeAtOnce) {
  put(config("one"));
  start();
  change(config("two"));
  EXPECT_THAT(leaders_, ElementsAre("a: 1\nb: one\n", "a: 1\nb: two\n"));
}

TEST_F(ConfigSourceTest, SameConfigurationInOtherWordsIsNoChange) {
  put(config("one"));
  start();
  change(config("one") + "# a comment\n");
  EXPECT_THAT(leaders_, ElementsAre("a: 1\nb: one\n"));
}

TEST_F(ConfigSourceTest, PollingFindsAChangeOfWhichNobodyTells) {
  put(config("one"));
  start();
  put(config("two"));
  pass(9999ms);
  EXPECT_THAT(leaders_, ElementsAre("a: 1\nb: one\n"));
  pass(1ms);
  EXPECT_THAT(leaders_, ElementsAre("a: 1\nb: one\n", "a: 1\nb: two\n"));
}

TEST_F(ConfigSourceTest, ChangeBetweenTheStartAndTheFirstReadIsSeen) {
  put(config("one"));
  source_.start();
  put(config("two"));
  pass(0s);
  EXPECT_THAT(leaders_, ElementsAre("a: 1\nb: two\n"));
}

TEST_F(ConfigSourceTest, ChangeWhileTheFileIsReadIsNoticedAtOnce) {
  put(config("one"));
  files_.after_next_read("/etc/elector/e.yml", [this] {
    put(config("two"));
    watcher_.touch("/etc/elector");
  });
  start();
  EXPECT_THAT(leaders_, ElementsAre("a: 1\nb: one\n", "a: 1\nb: two\n"));
}

TEST_F(ConfigSourceTest, BrokenFileChangesNothingButWhatIsTold) {
  put(config("one"));
  start();
  change("follower: [\n");
  pass(1min);
  EXPECT_THAT(leaders_, ElementsAre("a: 1\nb: one\n"));
  EXPECT_EQ(source_.current()->leader, "a: 1\nb: one\n");
  EXPECT_THAT(source_.error(), StartsWith("/etc/elector/e.yml: line 2, "));
  EXPECT_THAT(sink_.text, HasSubstr("level=error msg=\"the configuration is broken; the last good one stays in force\" "
                                    "err=\"/etc/elector/e.yml: line 2, "));
  EXPECT_THAT(metrics_.render(), HasSubstr("promfleet_elector_config_valid 0\n"));
}

TEST_F(ConfigSourceTest, SameMistakeIsLoggedAndCountedOnce) {
  put("follower: [\n");
  start();
  sink_.text.clear();
  pass(1min);
  EXPECT_EQ(sink_.text, "");
  EXPECT_THAT(metrics_.render(), HasSubstr("promfleet_elector_config_errors_total 1\n"));
  change("leader: {b: 2}\n");
  EXPECT_THAT(sink_.text, HasSubstr("the section follower"));
  EXPECT_THAT(metrics_.render(), HasSubstr("promfleet_elector_config_errors_total 2\n"));
}

TEST_F(ConfigSourceTest, RepairedFileHeals) {
  put(config("one"));
  start();
  change("follower: [\n");
  change(config("two"));
  EXPECT_THAT(leaders_, ElementsAre("a: 1\nb: one\n", "a: 1\nb: two\n"));
  EXPECT_EQ(source_.error(), "");
  EXPECT_THAT(metrics_.render(), HasSubstr("promfleet_elector_config_valid 1\n"));
}

TEST_F(ConfigSourceTest, FileThatIsRepairedToWhatItWasIsGoodAgainAndNoChange) {
  put(config("one"));
  start();
  change("follower: [\n");
  change(config("one"));
  EXPECT_THAT(leaders_, ElementsAre("a: 1\nb: one\n"));
  EXPECT_EQ(source_.error(), "");
  EXPECT_THAT(sink_.text, HasSubstr("the configuration is good again"));
}

TEST_F(ConfigSourceTest, FileThatIsBrokenAtTheStartIsWaitedFor) {
  start();
  EXPECT_THAT(leaders_, IsEmpty());
  EXPECT_EQ(source_.current(), std::nullopt);
  EXPECT_THAT(sink_.text, HasSubstr("the configuration is broken; this member cannot lead until it is repaired"));
  change(config("one"));
  EXPECT_THAT(leaders_, ElementsAre("a: 1\nb: one\n"));
}

TEST_F(ConfigSourceTest, FollowersPartOfBrokenFilesIsTold) {
  names_.leader_config = "/etc/elector/l.yml";
  ConfigSource source(parts(), names_,
                      {.on_configs = [this](const RoleConfigs& configs) { leaders_.push_back(configs.leader); },
                       .on_broken = [this](std::optional<std::string> follower) { follower_ = std::move(follower); }});
  put("a: 1\n");
  source.start();
  pass(0s);
  EXPECT_EQ(follower_, "a: 1\n");
  EXPECT_THAT(leaders_, IsEmpty());
  EXPECT_THAT(source.error(), HasSubstr("/etc/elector/l.yml"));
  TaskScope closing(io_.get_executor());
  closing.spawn(source.close());
  pass(0s);
}

TEST_F(ConfigSourceTest, BytesThatAreAsTheyWereAreNotParsedAgain) {
  int parsed = 0;
  names_.environment = [&parsed](std::string_view) {
    ++parsed;
    return std::optional<std::string>("1");
  };
  ConfigSource source(parts(), names_, {.on_configs = [](const RoleConfigs&) {}, .on_broken = [](const auto&) {}});
  put(config("$(ONE)"));
  source.start();
  pass(1min);
  touch();
  EXPECT_EQ(parsed, 1);
  change(config("$(TWO)"));
  EXPECT_EQ(parsed, 2);
  run_until_done(io_, [&source] { return source.close(); });
}

TEST_F(ConfigSourceTest, FolderThatGoesAndComesBackIsWatchedAgain) {
  put(config("one"));
  start();
  ASSERT_TRUE(files_.remove("/etc/elector/e.yml"));
  watcher_.lose("/etc/elector");
  touch();
  EXPECT_THAT(source_.error(), HasSubstr("/etc/elector/e.yml: No such file or directory"));
  EXPECT_EQ(source_.current()->leader, "a: 1\nb: one\n");

  watcher_.find_again("/etc/elector");
  put(config("two"));
  pass(10s);
  change(config("three"));
  EXPECT_THAT(leaders_, ElementsAre("a: 1\nb: one\n", "a: 1\nb: two\n", "a: 1\nb: three\n"));
}

TEST_F(ConfigSourceTest, WarningsAreLoggedOncePerConfiguration) {
  put("follower: {remote_writes: []}\n");
  start();
  EXPECT_THAT(sink_.text, HasSubstr("level=warn msg=\"configuration: /etc/elector/e.yml: line 1, column 12: "
                                    "remote_writes: Prometheus' key is remote_write\""));
  sink_.text.clear();
  pass(1min);
  EXPECT_THAT(sink_.text, Not(HasSubstr("remote_writes")));
}

TEST_F(ConfigSourceTest, ClosingEndsTheWatch) {
  put(config("one"));
  start();
  EXPECT_EQ(watcher_.watches("/etc/elector"), 1u);
  run_until_done(io_, [this] { return source_.close(); });
  change(config("two"));
  pass(1min);
  EXPECT_THAT(leaders_, ElementsAre("a: 1\nb: one\n"));
}

class TwoFilesTest : public ConfigSourceTest {
 protected:
  TwoFilesTest() : ConfigSourceTest({.config = "/etc/elector/e.yml", .leader_config = "/etc/leader/l.yml"}) {
    put("a: 1\n");
    put_leader("b: 1\n");
  }

  void put_leader(const std::string& text) { ASSERT_TRUE(files_.replace("/etc/leader/l.yml", text, 0600)); }
};

TEST_F(TwoFilesTest, ChangeOfEitherIsNoticed) {
  start();
  change("a: 2\n");
  put_leader("b: 2\n");
  touch("/etc/leader");
  EXPECT_THAT(leaders_, ElementsAre("a: 1\nb: 1\n", "a: 2\nb: 1\n", "a: 2\nb: 2\n"));
}

TEST_F(TwoFilesTest, LeadersFileThatIsGoneChangesNothing) {
  start();
  ASSERT_TRUE(files_.remove("/etc/leader/l.yml"));
  touch("/etc/leader");
  EXPECT_THAT(leaders_, ElementsAre("a: 1\nb: 1\n"));
  EXPECT_THAT(source_.error(), HasSubstr("/etc/leader/l.yml"));
}

// Real files and Linux' own watch. The clock stands still, so nothing is found by polling.
class RealConfigSourceTest : public testing::Test {
 protected:
  ~RealConfigSourceTest() override {
    closing_.spawn(source_.close());
    clock_.advance(io_, 0s);
  }

  void start() {
    source_.start();
    clock_.advance(io_, 0s);
  }
  bool is_told(const std::string& leader) {
    while (leader_ != leader && io_.run_one_for(10s) > 0) continue;
    return leader_ == leader;
  }

  ConfigMapFolder folder_{"e.yml"};
  asio::io_context io_;
  SimulatedClock clock_;
  RealFileSystem files_;
  std::unique_ptr<InotifyWatcher> watcher_ = InotifyWatcher::create(io_).value();
  CpuPool pool_{0};
  Registry metrics_;
  MemorySink sink_;
  TaskScope closing_{io_.get_executor()};
  std::string leader_;  // told last
  ConfigSource source_{{.io = io_,
                        .clock = clock_,
                        .files = files_,
                        .watcher = *watcher_,
                        .pool = pool_,
                        .metrics = metrics_,
                        .log = Log(sink_, clock_, LogFormat::logfmt, LogLevel::info)},
                       {.config = folder_.file_path()},
                       {.on_configs = [this](const RoleConfigs& configs) { leader_ = configs.leader; },
                        .on_broken = [](const auto&) {}}};
};

TEST_F(RealConfigSourceTest, SwapOfAConfigMapIsNoticed) {
  folder_.publish(config("one"));
  start();
  EXPECT_TRUE(is_told("a: 1\nb: one\n"));
  folder_.publish(config("two"));
  EXPECT_TRUE(is_told("a: 1\nb: two\n"));
  folder_.publish(config("three"));
  EXPECT_TRUE(is_told("a: 1\nb: three\n"));
}

TEST_F(RealConfigSourceTest, WriteInPlaceIsNoticed) {
  std::filesystem::remove(folder_.file_path());  // a file instead of the link
  std::ofstream(folder_.file_path()) << config("one");
  start();
  std::ofstream(folder_.file_path()) << config("two");
  EXPECT_TRUE(is_told("a: 1\nb: two\n"));
}

}  // namespace
}  // namespace promfleet::elector
