#include "core/os/file_system.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/async/testing.h"
#include "core/os/config_map_testing.h"
#include "core/os/inotify_watcher.h"
#include "core/os/real_file_system.h"
#include "core/os/simulated_file_system.h"
#include "core/os/simulated_file_watcher.h"
#include "core/os/temporary_folder.h"

namespace promfleet {
namespace {

using testing::HasSubstr;

// The same promises for both.
template <class Files>
class FileSystemTest : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }

  TemporaryFolder folder_;
  Files files_;
};

using Both = testing::Types<RealFileSystem, SimulatedFileSystem>;
TYPED_TEST_SUITE(FileSystemTest, Both);

TYPED_TEST(FileSystemTest, ReplacedFileIsReadBack) {
  const std::string path = this->path("file");
  ASSERT_TRUE(this->files_.replace(path, "one", 0600));
  ASSERT_TRUE(this->files_.replace(path, "two", 0600));
  EXPECT_EQ(this->files_.read(path, 100), "two");
}

TYPED_TEST(FileSystemTest, ReplacementThatIsNoLongerWantedAtTheLastMomentChangesNothing) {
  const std::string path = this->path("file");
  ASSERT_TRUE(this->files_.replace(path, "one", 0600));
  const Result<> replaced = this->files_.replace_if(path, "two", 0600, [] { return false; });
  EXPECT_EQ(replaced.error().code(), Errc::cancelled);
  EXPECT_EQ(this->files_.read(path, 100), "one");
}

TYPED_TEST(FileSystemTest, RenamedFileTakesTheOthersPlace) {
  ASSERT_TRUE(this->files_.replace(this->path("old"), "one", 0600));
  ASSERT_TRUE(this->files_.replace(this->path("new"), "two", 0600));
  ASSERT_TRUE(this->files_.rename(this->path("new"), this->path("old")));
  EXPECT_EQ(this->files_.read(this->path("old"), 100), "two");
  EXPECT_EQ(this->files_.read(this->path("new"), 100).error().code(), Errc::not_found);
  EXPECT_EQ(this->files_.rename(this->path("new"), this->path("old")).error().code(), Errc::not_found);
}

TYPED_TEST(FileSystemTest, MissingFileIsNotFound) {
  EXPECT_EQ(this->files_.read(this->path("none"), 100).error().code(), Errc::not_found);
  EXPECT_TRUE(this->files_.remove(this->path("none")));
}

TYPED_TEST(FileSystemTest, FileBeyondTheLimitIsRefused) {
  ASSERT_TRUE(this->files_.replace(this->path("file"), "12345", 0600));
  EXPECT_EQ(this->files_.read(this->path("file"), 4).error().code(), Errc::limit_exceeded);
  EXPECT_EQ(this->files_.read(this->path("file"), 5), "12345");
}

TYPED_TEST(FileSystemTest, HashOfAFolderChangesWithItsContents) {
  ASSERT_TRUE(this->files_.replace(this->path("rules"), "one", 0600));
  const auto before = this->files_.hash_folder(this->folder_.path());
  ASSERT_TRUE(before);
  ASSERT_TRUE(this->files_.replace(this->path("rules"), "one", 0600));
  EXPECT_EQ(this->files_.hash_folder(this->folder_.path()), before);
  ASSERT_TRUE(this->files_.replace(this->path("rules"), "two", 0600));
  EXPECT_NE(this->files_.hash_folder(this->folder_.path()), before);
}

TYPED_TEST(FileSystemTest, LockIsHeldByOneAtATime) {
  const std::string path = this->path("lock");
  auto held = this->files_.try_lock(path);
  ASSERT_TRUE(held);
  EXPECT_EQ(this->files_.try_lock(path).error().code(), Errc::conflict);
  held->reset();
  EXPECT_TRUE(this->files_.try_lock(path));
}

TEST(RealFileSystem, PipesDevicesAndFoldersAreRefusedWithoutWaiting) {
  TemporaryFolder folder;
  RealFileSystem files;
  const std::string pipe = folder.path() + "/pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(files.read(pipe, 100).error().message(), HasSubstr("it is a pipe, which can be read only once"));
  EXPECT_EQ(files.read("/dev/zero", 100).error().code(), Errc::invalid_input);
  EXPECT_EQ(files.read(folder.path(), 100).error().code(), Errc::invalid_input);
}

TEST(RealFileSystem, PipeInTheWayOfAWriteIsAnError) {
  TemporaryFolder folder;
  RealFileSystem files;
  ASSERT_EQ(mkfifo((folder.path() + "/file.tmp").c_str(), 0600), 0);
  EXPECT_EQ(files.replace(folder.path() + "/file", "x", 0600).error().code(), Errc::io_failed);
}

// How a descriptor of this process opened `path`; -1 if none did.
int access_mode_of(const std::string& path) {
  for (const auto& descriptor : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code is_gone;
    if (std::filesystem::read_symlink(descriptor.path(), is_gone) != path) continue;
    std::ifstream info("/proc/self/fdinfo/" + descriptor.path().filename().string());
    for (std::string word; info >> word;) {
      int flags = 0;
      if (word == "flags:" && info >> std::oct >> flags) return flags & O_ACCMODE;
    }
  }
  return -1;
}

TEST(RealFileSystem, LockIsHeldWithoutWriteAccess) {
  TemporaryFolder folder;
  RealFileSystem files;
  const std::string path = folder.path() + "/lock";
  const auto lock = files.try_lock(path);
  ASSERT_TRUE(lock);
  EXPECT_EQ(access_mode_of(path), O_RDONLY) << "a descriptor that can write keeps a remount to read-only off";
}

TEST(SimulatedFileSystem, FullDiskTakesNoNewLock) {
  SimulatedFileSystem files;
  ASSERT_TRUE(files.try_lock("/old"));
  files.fail_writes(Error(Errc::io_failed, "full"));
  EXPECT_TRUE(files.try_lock("/old"));
  EXPECT_EQ(files.try_lock("/new").error().code(), Errc::io_failed);
}

TEST(RealFileSystem, ReplacedFileHasTheModeWhateverWasThere) {
  TemporaryFolder folder;
  RealFileSystem files;
  const std::string path = folder.path() + "/file";
  std::ofstream(path + ".tmp") << "left over, world-readable";
  ASSERT_EQ(chmod((path + ".tmp").c_str(), 0666), 0);
  ASSERT_TRUE(files.replace(path, "secret", 0600));
  struct stat status{};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST(RealFileSystem, HashOfAConfigMapFollowsItsCurrentVersion) {
  ConfigMapFolder folder("rules.yml");
  RealFileSystem files;
  folder.publish("one");
  const auto one = files.hash_folder(folder.path());
  folder.publish("two");
  EXPECT_NE(files.hash_folder(folder.path()), one);
  folder.publish("one");
  EXPECT_EQ(files.hash_folder(folder.path()), one);
}

TEST(RealFileSystem, FailedReplaceLeavesTheOldContentAndNoTemporary) {
  TemporaryFolder folder;
  RealFileSystem files;
  const std::string path = folder.path() + "/file";
  ASSERT_TRUE(std::filesystem::create_directory(path));  // cannot be renamed over
  const Result<> replaced = files.replace(path, "new", 0600);
  ASSERT_FALSE(replaced);
  EXPECT_EQ(replaced.error().code(), Errc::io_failed);
  EXPECT_FALSE(std::filesystem::exists(path + ".tmp"));
}

TEST(SimulatedFileSystem, ReaderHasTheOldContentOfAFileThatChangesRightAfterIt) {
  SimulatedFileSystem files;
  ASSERT_TRUE(files.replace("/a/file", "one", 0600));
  int changes = 0;
  files.after_next_read("/a/file", [&] {
    ++changes;
    ASSERT_TRUE(files.replace("/a/file", "two", 0600));
  });
  EXPECT_EQ(files.read("/a/file", 100), "one");
  EXPECT_EQ(files.read("/a/file", 100), "two");
  EXPECT_EQ(changes, 1);
}

TEST(SimulatedFileWatcher, TellsThoseWhoWatchTheFolderUntilTheyEnd) {
  SimulatedFileWatcher watcher;
  int told = 0;
  auto watch = watcher.watch("/a", [&] { ++told; });
  ASSERT_TRUE(watch);
  watcher.touch("/a");
  watcher.touch("/b");
  EXPECT_EQ(told, 1);
  watch->reset();
  watcher.touch("/a");
  EXPECT_EQ(told, 1);
  EXPECT_EQ(watcher.watches("/a"), 0u);
}

TEST(InotifyWatcher, TellsOfARenameIntoTheFolder) {
  TemporaryFolder folder;
  asio::io_context io;
  RealFileSystem files;
  auto watcher = InotifyWatcher::create(io);
  ASSERT_TRUE(watcher);
  int changes = 0;
  auto watch = (*watcher)->watch(folder.path(), [&] { ++changes; });
  ASSERT_TRUE(watch);
  ASSERT_TRUE(files.replace(folder.path() + "/file", "x", 0600));
  while (changes == 0) io.run_one();
  EXPECT_GE(changes, 1);
}

TEST(InotifyWatcher, EndedWatchIsNotCalledAndOthersOfTheFolderAre) {
  TemporaryFolder folder;
  asio::io_context io;
  RealFileSystem files;
  auto watcher = InotifyWatcher::create(io);
  ASSERT_TRUE(watcher);
  bool told_ended = false;
  bool told_other = false;
  auto ended = (*watcher)->watch(folder.path(), [&] { told_ended = true; });
  auto other = (*watcher)->watch(folder.path(), [&] { told_other = true; });
  ASSERT_TRUE(ended && other);
  ended->reset();
  ASSERT_TRUE(files.replace(folder.path() + "/file", "x", 0600));
  while (!told_other) io.run_one();
  EXPECT_FALSE(told_ended);
}

TEST(InotifyWatcher, MissingFolderIsNotFound) {
  asio::io_context io;
  auto watcher = InotifyWatcher::create(io);
  ASSERT_TRUE(watcher);
  EXPECT_EQ((*watcher)->watch("/nowhere/at/all", [] {}).error().code(), Errc::not_found);
}

}  // namespace
}  // namespace promfleet
