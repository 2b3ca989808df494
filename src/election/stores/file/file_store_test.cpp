#include "election/stores/file/file_store.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "codec/json/writer.h"
#include "core/os/inotify_watcher.h"
#include "core/os/real_file_system.h"
#include "core/os/system_clock.h"
#include "core/os/temporary_folder.h"
#include "election/stores/conformance_testing.h"
#include "election/stores/lease_document.h"

namespace promfleet::election {
namespace {

using ::testing::HasSubstr;

class FileBackend final : public DocumentBackend {
 public:
  void run(const std::function<Task<>()>& body) override { run_until_returned(io_, body); }
  Clock& clock() override { return clock_; }
  LeaseStore& first() override { return first_; }
  LeaseStore& second() override { return second_; }

  Task<> remove_lease() override {
    std::filesystem::remove(path_);
    co_return;
  }

  Task<json::Object> document() override {
    co_return parse_document(files_.read(path_, kLeaseBytesMax).value()).value();
  }

  Task<> edit_document(std::function<void(json::Object&)> edit) override {
    json::Object document = parse_document(files_.read(path_, kLeaseBytesMax).value()).value();
    edit(document);
    write_revision(LeaseRevision(read_revision(document)->value() + 1), document);
    EXPECT_TRUE(files_.replace(path_, json::write(document), 0600));
    co_return;
  }

  const std::string& path() const { return path_; }

 private:
  FileStore make() { return FileStore({.files = files_, .watcher = *watcher_, .pool = pool_, .clock = clock_}, path_); }

  asio::io_context io_;
  TemporaryFolder folder_;
  std::string path_ = folder_.path() + "/lease";
  RealFileSystem files_;
  SystemClock clock_{io_};
  std::unique_ptr<InotifyWatcher> watcher_ = InotifyWatcher::create(io_).value();
  CpuPool pool_{2};
  FileStore first_ = make();
  FileStore second_ = make();
};

INSTANTIATE_TEST_SUITE_P(File, LeaseStoreConformance, testing::Values([] { return std::make_unique<FileBackend>(); }));
INSTANTIATE_TEST_SUITE_P(File, LeaseDocumentConformance,
                         testing::Values([] { return std::make_unique<FileBackend>(); }));

TEST(FileStore, LockHeldByAFrozenProcessIsUnavailableAtTheDeadline) {
  FileBackend backend;
  backend.run([&]() -> Task<> {
    RealFileSystem files;
    const auto lock = files.lock(backend.path() + ".lock").value();
    const Error error = (co_await backend.first().create(held_by("a"), backend.clock().now() + 20ms)).error();
    EXPECT_EQ(error.code(), Errc::unavailable);
    EXPECT_THAT(error.message(), HasSubstr("another process holds the lock"));
    EXPECT_EQ((co_await backend.first().read(kNever)).value(), std::nullopt) << "reading needs no lock";
  });
}

TEST(FileStore, WaitsForALockThatIsHeldForAMoment) {
  FileBackend backend;
  backend.run([&]() -> Task<> {
    RealFileSystem files;
    auto lock = files.lock(backend.path() + ".lock").value();
    const Timer release = backend.clock().call_at(backend.clock().now() + 20ms, [&] { lock.reset(); });
    EXPECT_TRUE(co_await backend.first().create(held_by("a"), backend.clock().now() + 10s));
  });
}

TEST(FileStore, FileThatIsNoLeaseIsNamedInTheError) {
  FileBackend backend;
  std::ofstream(backend.path()) << "holder: a\n";
  backend.run([&]() -> Task<> {
    const Error error = (co_await backend.first().read(kNever)).error();
    EXPECT_EQ(error.code(), Errc::protocol);
    EXPECT_THAT(error.message(), HasSubstr(backend.path()));
    EXPECT_EQ((co_await backend.first().create(held_by("a"), kNever)).error().code(), Errc::protocol);
  });
}

TEST(FileStore, FolderThatDoesNotExistIsUnreachableWithItsName) {
  asio::io_context io;
  RealFileSystem files;
  SystemClock clock(io);
  const auto watcher = InotifyWatcher::create(io).value();
  CpuPool pool(1);
  FileStore store({.files = files, .watcher = *watcher, .pool = pool, .clock = clock}, "/nowhere/lease");
  run_until_returned(io, [&]() -> Task<> {
    EXPECT_EQ((co_await store.read(kNever)).value(), std::nullopt);
    const Error error = (co_await store.create(held_by("a"), kNever)).error();
    EXPECT_EQ(error.code(), Errc::unreachable);
    EXPECT_THAT(error.message(), HasSubstr("/nowhere/lease"));
  });
}

}  // namespace
}  // namespace promfleet::election
