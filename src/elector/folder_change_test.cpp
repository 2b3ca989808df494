#include "elector/folder_change.h"

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

using testing::HasSubstr;
using testing::Not;

class FolderChangeTest : public testing::Test {
 protected:
  explicit FolderChangeTest(FolderChange::Look look = FolderChange::all_below("/rules")) : look_(std::move(look)) {
    put("/rules/a.yml", "one");
  }
  ~FolderChangeTest() override {
    run_until_done(io_, [this] { return folder_.close(); });
  }

  void start() {
    folder_.start();
    pass(0s);
  }
  void pass(Duration time) { clock_.advance(io_, time); }
  void put(const std::string& path, const std::string& text) { ASSERT_TRUE(files_.replace(path, text, 0600)); }
  void touch() {
    watcher_.touch("/rules");
    pass(0s);
  }
  void take_folder_away() {
    files_.fail_reads("/rules", Error(Errc::not_found, "list /rules: No such file or directory"));
    watcher_.lose("/rules");
  }
  void bring_folder_back() {
    files_.fail_reads("/rules", std::nullopt);
    watcher_.find_again("/rules");
  }

  asio::io_context io_;
  SimulatedClock clock_;
  SimulatedFileSystem files_;
  SimulatedFileWatcher watcher_;
  CpuPool pool_{0};
  MemorySink sink_;
  int changes_ = 0;
  FolderChange::Look look_;
  FolderChange folder_{{.io = io_,
                        .clock = clock_,
                        .files = files_,
                        .watcher = watcher_,
                        .pool = pool_,
                        .log = Log(sink_, clock_, LogFormat::logfmt, LogLevel::info)},
                       "/rules",
                       look_,
                       [this] { ++changes_; }};
};

TEST_F(FolderChangeTest, FirstLookIsNoChange) {
  start();
  pass(1min);
  EXPECT_EQ(changes_, 0);
}

TEST_F(FolderChangeTest, WatchTellsOfAChangeAtOnce) {
  start();
  put("/rules/a.yml", "two");
  touch();
  EXPECT_EQ(changes_, 1);
  put("/rules/b.yml", "new");
  touch();
  EXPECT_EQ(changes_, 2);
  ASSERT_TRUE(files_.remove("/rules/a.yml"));
  touch();
  EXPECT_EQ(changes_, 3);
}

TEST_F(FolderChangeTest, SameContentWrittenAgainIsNoChange) {
  start();
  put("/rules/a.yml", "one");
  touch();
  EXPECT_EQ(changes_, 0);
}

TEST_F(FolderChangeTest, PollingFindsAChangeOfWhichNobodyTells) {
  start();
  put("/rules/a.yml", "two");
  pass(9999ms);
  EXPECT_EQ(changes_, 0);
  pass(1ms);
  EXPECT_EQ(changes_, 1);
  pass(1min);
  EXPECT_EQ(changes_, 1);
}

TEST_F(FolderChangeTest, ChangeWhileTheFolderIsReadIsNoticedAtOnce) {
  files_.after_next_read("/rules", [this] {
    put("/rules/a.yml", "two");
    watcher_.touch("/rules");
  });
  start();
  EXPECT_EQ(changes_, 1);
}

TEST_F(FolderChangeTest, FolderThatGoesAndComesBackTheSameIsNoChange) {
  start();
  take_folder_away();
  touch();
  pass(30s);
  bring_folder_back();
  pass(10s);
  EXPECT_EQ(changes_, 0);
}

TEST_F(FolderChangeTest, FolderThatComesBackWithOtherContentIsAChangeAndIsWatchedAgain) {
  start();
  take_folder_away();
  touch();
  EXPECT_THAT(sink_.text, HasSubstr("level=warn msg=\"cannot read a watched folder\" err=\"list /rules: No such"));
  sink_.text.clear();
  pass(30s);
  EXPECT_THAT(sink_.text, Not(HasSubstr("cannot read")));

  put("/rules/a.yml", "two");
  bring_folder_back();
  pass(10s);
  EXPECT_EQ(changes_, 1);
  put("/rules/a.yml", "three");
  touch();
  EXPECT_EQ(changes_, 2);
}

TEST_F(FolderChangeTest, FolderThatWasNotThereAtTheStartIsAChangeWhenItComes) {
  take_folder_away();
  start();
  pass(10s);
  EXPECT_EQ(changes_, 0);
  bring_folder_back();
  pass(10s);
  EXPECT_EQ(changes_, 1);
}

TEST_F(FolderChangeTest, ClosingEndsTheWatch) {
  start();
  EXPECT_EQ(watcher_.watches("/rules"), 1u);
  run_until_done(io_, [this] { return folder_.close(); });
  EXPECT_EQ(watcher_.watches("/rules"), 0u);
}

class OneFileTest : public FolderChangeTest {
 protected:
  OneFileTest() : FolderChangeTest(FolderChange::file("/rules/a.yml")) {}
};

TEST_F(OneFileTest, OnlyThatFileCountsAndIsRead) {
  bool others_were_read = false;
  files_.after_next_read("/rules", [&] { others_were_read = true; });
  start();
  put("/rules/b.yml", "new");
  touch();
  EXPECT_EQ(changes_, 0);
  put("/rules/a.yml", "two");
  touch();
  EXPECT_EQ(changes_, 1);
  EXPECT_FALSE(others_were_read);
}

TEST_F(OneFileTest, RemovalIsAChangeAndSoIsItsReturn) {
  start();
  ASSERT_TRUE(files_.remove("/rules/a.yml"));
  touch();
  EXPECT_EQ(changes_, 1);
  put("/rules/a.yml", "one");
  touch();
  EXPECT_EQ(changes_, 2);
}

// Real files and Linux' own watch. The clock stands still, so nothing is found by polling.
class RealFolderChangeTest : public testing::Test {
 protected:
  ~RealFolderChangeTest() override {
    closing_.spawn(folder_.close());
    clock_.advance(io_, 0s);
  }

  void start() {
    folder_.start();
    clock_.advance(io_, 0s);
  }
  bool is_told_of(int changes) {
    while (changes_ < changes && io_.run_one_for(10s) > 0) continue;
    return changes_ == changes;
  }

  ConfigMapFolder rules_{"rules.yml"};
  asio::io_context io_;
  SimulatedClock clock_;
  RealFileSystem files_;
  std::unique_ptr<InotifyWatcher> watcher_ = InotifyWatcher::create(io_).value();
  CpuPool pool_{0};
  MemorySink sink_;
  TaskScope closing_{io_.get_executor()};
  int changes_ = 0;
  FolderChange folder_{{.io = io_,
                        .clock = clock_,
                        .files = files_,
                        .watcher = *watcher_,
                        .pool = pool_,
                        .log = Log(sink_, clock_, LogFormat::logfmt, LogLevel::info)},
                       rules_.path(),
                       FolderChange::all_below(rules_.path()),
                       [this] { ++changes_; }};
};

TEST_F(RealFolderChangeTest, SwapOfAConfigMapIsNoticed) {
  rules_.publish("one");
  start();
  rules_.publish("two");
  EXPECT_TRUE(is_told_of(1));
  rules_.publish("three");
  EXPECT_TRUE(is_told_of(2));
}

TEST_F(RealFolderChangeTest, WriteInPlaceIsNoticed) {
  std::filesystem::remove(rules_.file_path());  // a file instead of the link
  std::ofstream(rules_.file_path()) << "one";
  start();
  std::ofstream(rules_.file_path()) << "two";
  EXPECT_TRUE(is_told_of(1));
}

}  // namespace
}  // namespace promfleet::elector
