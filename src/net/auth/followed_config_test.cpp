#include "net/auth/followed_config.h"

#include <atomic>
#include <future>
#include <vector>

#include <gmock/gmock.h>

#include "core/async/task_scope.h"
#include "core/async/testing.h"
#include "core/os/simulated_clock.h"
#include "core/os/simulated_file_system.h"
#include "core/os/simulated_file_watcher.h"

namespace promfleet::auth {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class LinesSink final : public LogSink {
 public:
  void write(std::string_view line) override { lines.emplace_back(line); }
  std::vector<std::string> lines;
};

// "included: PATH" reads that file, "broken" is an error, anything else is the value.
Result<std::string> load_text(Sources& sources) {
  TRY_ASSIGN(std::string text, sources.read("/etc/x.yml"));
  if (text == "broken") return fail(Errc::invalid_input, "/etc/x.yml: broken");
  if (!text.starts_with("included: ")) return text;
  return sources.read(text.substr(10));
}

class FollowedConfigTest : public testing::Test {
 protected:
  explicit FollowedConfigTest(std::size_t pool_threads = 0) : pool_(pool_threads) { put("/etc/x.yml", "one"); }
  ~FollowedConfigTest() override {
    run_until_done(io_, [this] { return following_.close(); });
  }

  void put(const std::string& path, const std::string& text) { EXPECT_TRUE(files_.replace(path, text, 0600)); }

  Result<std::unique_ptr<FollowedConfig<std::string>>> create() {
    return FollowedConfig<std::string>::create({.executor = io_.get_executor(),
                                                .files = files_,
                                                .pool = pool_,
                                                .clock = clock_,
                                                .metrics = metrics_,
                                                .log = Log(sink_, clock_, LogFormat::logfmt, LogLevel::info)},
                                               "/etc/x.yml", load_text);
  }

  FollowedConfig<std::string>& created() {
    config_ = *create();
    return *config_;
  }
  void follow() {
    following_.spawn(config_->follow(watcher_));
    pass(0s);
  }
  FollowedConfig<std::string>& followed() {
    created();
    follow();
    return *config_;
  }
  void pass(Duration time) { clock_.advance(io_, time); }
  void look_again() {
    config_->look_again();
    pass(0s);
  }

  asio::io_context io_;
  SimulatedClock clock_;
  SimulatedFileSystem files_;
  SimulatedFileWatcher watcher_;
  CpuPool pool_;
  Registry metrics_;
  LinesSink sink_;
  std::unique_ptr<FollowedConfig<std::string>> config_;
  TaskScope following_{io_.get_executor()};
};

TEST_F(FollowedConfigTest, BrokenFileAtTheStartIsAnError) {
  put("/etc/x.yml", "broken");
  EXPECT_EQ(create().error().message(), "/etc/x.yml: broken");
}

TEST_F(FollowedConfigTest, ChangedFileIsReadAnewAndTold) {
  auto& config = followed();
  int changes = 0;
  config.on_change([&] { ++changes; });
  look_again();
  EXPECT_EQ(changes, 0);
  put("/etc/x.yml", "two");
  look_again();
  EXPECT_EQ(*config.current(), "two");
  EXPECT_EQ(changes, 1);
}

TEST_F(FollowedConfigTest, VersionInUseStaysWhileItIsHeld) {
  const auto& config = followed();
  const std::shared_ptr<const std::string> held = config.current();
  put("/etc/x.yml", "two");
  look_again();
  EXPECT_EQ(*held, "one");
  EXPECT_EQ(*config.current(), "two");
}

TEST_F(FollowedConfigTest, ChangeOfAnIncludedFileIsSeen) {
  put("/etc/x.yml", "included: /run/y");
  put("/run/y", "inner");
  const auto& config = followed();
  EXPECT_EQ(*config.current(), "inner");
  put("/run/y", "changed");
  look_again();
  EXPECT_EQ(*config.current(), "changed");
}

TEST_F(FollowedConfigTest, BrokenVersionIsReportedOnceAndTheLastGoodOneStays) {
  const auto& config = followed();
  put("/etc/x.yml", "broken");
  look_again();
  look_again();
  EXPECT_EQ(*config.current(), "one");
  ASSERT_TRUE(config.error());
  EXPECT_THAT(metrics_.render(), HasSubstr("promfleet_config_file_valid{path=\"/etc/x.yml\"} 0"));
  EXPECT_THAT(sink_.lines, ElementsAre(HasSubstr("last good version")));
}

TEST_F(FollowedConfigTest, RepairedFileHeals) {
  put("/etc/x.yml", "included: /run/y");
  put("/run/y", "inner");
  const auto& config = followed();
  ASSERT_TRUE(files_.remove("/run/y"));
  look_again();
  EXPECT_TRUE(config.error());
  put("/run/y", "inner");
  look_again();
  EXPECT_FALSE(config.error());
  EXPECT_THAT(metrics_.render(), HasSubstr("promfleet_config_file_valid{path=\"/etc/x.yml\"} 1"));
}

TEST_F(FollowedConfigTest, FollowingReactsToTheWatcherAndLooksByItself) {
  const auto& config = followed();
  put("/etc/x.yml", "told");
  watcher_.touch("/etc");
  pass(0s);
  EXPECT_EQ(*config.current(), "told");

  put("/etc/x.yml", "found");
  pass(5s);
  EXPECT_EQ(*config.current(), "found");
}

TEST_F(FollowedConfigTest, FolderOfANewlyIncludedFileIsWatched) {
  followed();
  put("/run/y", "inner");
  put("/etc/x.yml", "included: /run/y");
  pass(10s);
  EXPECT_EQ(watcher_.watches("/run"), 1u);
}

TEST_F(FollowedConfigTest, ChangeWhileTheFileIsReadIsNoticedAtOnce) {
  const auto& config = followed();
  put("/etc/x.yml", "two");
  files_.after_next_read("/etc/x.yml", [this] {
    put("/etc/x.yml", "three");
    watcher_.touch("/etc");
  });
  look_again();
  EXPECT_EQ(*config.current(), "three");
}

class HungMountTest : public FollowedConfigTest {
 protected:
  HungMountTest() : FollowedConfigTest(1) {}
};

TEST_F(HungMountTest, ReadThatHangsHoldsUpNothingElse) {
  std::promise<void> released;
  std::atomic<bool> was_released = false;
  const auto& config = created();
  put("/etc/x.yml", "two");
  files_.after_next_read("/etc/x.yml",
                         [&] { was_released = released.get_future().wait_for(10s) == std::future_status::ready; });
  follow();
  pass(1min);
  EXPECT_EQ(*config.current(), "one");

  released.set_value();
  while (*config.current() == "one" && io_.run_one_for(10s) > 0) continue;
  EXPECT_EQ(*config.current(), "two");
  EXPECT_TRUE(was_released) << "the io thread waited for the disk";
}

}  // namespace
}  // namespace promfleet::auth
