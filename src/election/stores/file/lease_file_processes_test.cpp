// Several processes and one lease: they take turns, and one that is killed at any boundary of a system call leaves
// everything in order for the next.
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "core/os/real_file_system.h"
#include "core/os/simulated_clock.h"
#include "core/os/temporary_folder.h"
#include "election/stores/file/lease_file.h"

namespace promfleet::election {
namespace {

enum class End { killed, finished };

// Runs `work` in a child process and kills that at its `boundary`-th entry to or return from a system call, if it gets
// so far.
End kill_at(int boundary, const std::function<void()>& work) {
  const pid_t child = fork();
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    raise(SIGSTOP);
    work();
    _exit(0);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  for (int passed = 0; WIFSTOPPED(status) && passed < boundary; ++passed) {
    EXPECT_EQ(ptrace(PTRACE_SYSCALL, child, nullptr, nullptr), 0);
    EXPECT_EQ(waitpid(child, &status, 0), child);
  }
  if (WIFSTOPPED(status)) {
    kill(child, SIGKILL);
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status));
    return End::killed;
  }
  EXPECT_TRUE(WIFEXITED(status));
  return End::finished;
}

LeaseRecord held_by(std::string holder) {
  return {.spec = {.holder = std::move(holder), .duration = 15s}};
}

class LeaseFileProcesses : public testing::Test {
 protected:
  RealFileSystem files_;
  SimulatedClock clock_;
};

TEST_F(LeaseFileProcesses, UpdateKilledAnywhereLeavesTheOldOrTheNewLeaseAndNoLock) {
  int boundary = 0;
  End end = End::killed;
  int old_left = 0;
  int new_left = 0;
  for (; end == End::killed; ++boundary) {
    const TemporaryFolder folder;
    LeaseFile file(files_, clock_, folder.path() + "/lease");
    const StoredLease before = file.try_create(held_by("a")).value().value();
    end = kill_at(boundary, [&] { (void)file.try_update(held_by("b"), before.revision); });

    const StoredLease after = file.read().value().value();
    const bool is_old = after == before;
    ++(is_old ? old_left : new_left);
    EXPECT_TRUE(is_old || (after.record == held_by("b") && after.revision > before.revision)) << boundary;
    const LeaseFile::Attempt next = file.try_update(held_by("c"), after.revision);
    ASSERT_TRUE(next.has_value()) << "the lock outlived the process killed at " << boundary;
    EXPECT_GT(next->value().revision, after.revision) << boundary;
  }
  EXPECT_GT(boundary, 20) << "a lock, a read and a durable replacement are at least ten system calls";
  EXPECT_GT(old_left, 0);
  EXPECT_GT(new_left, 1) << "killed between the rename and the end";
}

TEST_F(LeaseFileProcesses, CreateKilledAnywhereLeavesNoLeaseOrAWholeOne) {
  End end = End::killed;
  for (int boundary = 0; end == End::killed; ++boundary) {
    const TemporaryFolder folder;
    LeaseFile file(files_, clock_, folder.path() + "/lease");
    end = kill_at(boundary, [&] { (void)file.try_create(held_by("a")); });

    const std::optional<StoredLease> after = file.read().value();
    EXPECT_TRUE(!after || after->record == held_by("a")) << boundary;
    const LeaseFile::Attempt next =
        after ? file.try_update(held_by("b"), after->revision) : file.try_create(held_by("b"));
    ASSERT_TRUE(next.has_value()) << "the lock outlived the process killed at " << boundary;
    EXPECT_TRUE(*next) << boundary;
  }
}

TEST_F(LeaseFileProcesses, NoUpdateOfAnyProcessIsLost) {
  constexpr int kProcesses = 4;
  constexpr int kUpdates = 25;
  const TemporaryFolder folder;
  LeaseFile file(files_, clock_, folder.path() + "/lease");
  ASSERT_TRUE(file.try_create(held_by("a")).value());
  const auto count_up = [&](int times) {
    while (times > 0) {
      StoredLease current = file.read().value().value();
      ++current.record.spec.transitions;
      const LeaseFile::Attempt attempt = file.try_update(current.record, current.revision);
      if (attempt && *attempt) --times;
    }
  };
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    children.push_back(fork());
    if (children.back() != 0) continue;
    count_up(kUpdates);
    _exit(0);
  }
  for (const pid_t child : children) {
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  EXPECT_EQ(file.read().value()->record.spec.transitions, kProcesses * kUpdates);
}

}  // namespace
}  // namespace promfleet::election
