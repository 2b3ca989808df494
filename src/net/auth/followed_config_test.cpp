#include "net/auth/followed_config.h"

#include <gmock/gmock.h>

#include <vector>

#include "core/async/task_scope.h"
#include "core/async/testing.h"
#include "core/os/simulated_clock.h"
#include "core/os/simulated_file_system.h"

namespace promfleet::auth {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class LinesSink final : public LogSink {
 public:
  void write(std::string_view line) override { lines.emplace_back(line); }
  std::vector<std::string> lines;
};

class ManualWatcher final : public FileWatcher {
 public:
  Result<std::unique_ptr<Watch>> watch(const std::string& folder, std::function<void()> on_change) override {
    folders.push_back(folder);
    notify = std::move(on_change);
    return std::make_unique<Watch>();
  }
  std::vector<std::string> folders;
  std::function<void()> notify;
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
  FollowedConfigTest() { put("/etc/x.yml", "one"); }

  void put(const std::string& path, const std::string& text) { EXPECT_TRUE(files_.replace(path, text, 0600)); }

  Result<std::unique_ptr<FollowedConfig<std::string>>> create() {
    return FollowedConfig<std::string>::create({.files = files_,
                                                .clock = clock_,
                                                .metrics = metrics_,
                                                .log = Log(sink_, clock_, LogFormat::logfmt, LogLevel::info)},
                                               "/etc/x.yml", load_text);
  }

  asio::io_context io_;
  SimulatedClock clock_;
  SimulatedFileSystem files_;
  Registry metrics_;
  LinesSink sink_;
};

TEST_F(FollowedConfigTest, BrokenFileAtTheStartIsAnError) {
  put("/etc/x.yml", "broken");
  EXPECT_EQ(create().error().message(), "/etc/x.yml: broken");
}

TEST_F(FollowedConfigTest, ChangedFileIsReadAnewAndTold) {
  const auto config = *create();
  int changes = 0;
  config->on_change([&] { ++changes; });
  config->reload();
  EXPECT_EQ(changes, 0);
  put("/etc/x.yml", "two");
  config->reload();
  EXPECT_EQ(*config->current(), "two");
  EXPECT_EQ(changes, 1);
}

TEST_F(FollowedConfigTest, VersionInUseStaysWhileItIsHeld) {
  const auto config = *create();
  const std::shared_ptr<const std::string> held = config->current();
  put("/etc/x.yml", "two");
  config->reload();
  EXPECT_EQ(*held, "one");
}

TEST_F(FollowedConfigTest, ChangeOfAnIncludedFileIsSeen) {
  put("/etc/x.yml", "included: /run/y");
  put("/run/y", "inner");
  const auto config = *create();
  EXPECT_EQ(*config->current(), "inner");
  put("/run/y", "changed");
  config->reload();
  EXPECT_EQ(*config->current(), "changed");
}

TEST_F(FollowedConfigTest, BrokenVersionIsReportedOnceAndTheLastGoodOneStays) {
  const auto config = *create();
  put("/etc/x.yml", "broken");
  config->reload();
  config->reload();
  EXPECT_EQ(*config->current(), "one");
  ASSERT_TRUE(config->error());
  EXPECT_THAT(metrics_.render(), HasSubstr("promfleet_config_file_valid{path=\"/etc/x.yml\"} 0"));
  EXPECT_THAT(sink_.lines, ElementsAre(HasSubstr("last good version")));
}

TEST_F(FollowedConfigTest, RepairedFileHeals) {
  put("/etc/x.yml", "included: /run/y");
  put("/run/y", "inner");
  const auto config = *create();
  ASSERT_TRUE(files_.remove("/run/y"));
  config->reload();
  EXPECT_TRUE(config->error());
  put("/run/y", "inner");
  config->reload();
  EXPECT_FALSE(config->error());
  EXPECT_THAT(metrics_.render(), HasSubstr("promfleet_config_file_valid{path=\"/etc/x.yml\"} 1"));
}

TEST_F(FollowedConfigTest, FollowingReactsToTheWatcherAndLooksByItself) {
  const auto config = *create();
  ManualWatcher watcher;
  TaskScope tasks(io_.get_executor());
  tasks.spawn(config->follow(watcher));
  clock_.advance(io_, 1s);
  EXPECT_THAT(watcher.folders, ElementsAre("/etc"));

  put("/etc/x.yml", "told");
  watcher.notify();
  io_.restart();
  io_.poll();
  EXPECT_EQ(*config->current(), "told");

  put("/etc/x.yml", "found");
  clock_.advance(io_, 5s);
  EXPECT_EQ(*config->current(), "found");
  run_until_done(io_, [&]() -> Task<> { co_await tasks.close(); });
}

TEST_F(FollowedConfigTest, FolderOfANewlyIncludedFileIsWatched) {
  const auto config = *create();
  ManualWatcher watcher;
  TaskScope tasks(io_.get_executor());
  tasks.spawn(config->follow(watcher));
  put("/run/y", "inner");
  put("/etc/x.yml", "included: /run/y");
  clock_.advance(io_, 10s);
  EXPECT_THAT(watcher.folders, testing::Contains("/run"));
  run_until_done(io_, [&]() -> Task<> { co_await tasks.close(); });
}

}  // namespace
}  // namespace promfleet::auth
