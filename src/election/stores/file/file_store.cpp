#include "election/stores/file/file_store.h"

#include <algorithm>
#include <filesystem>

#include "core/base/try.h"

namespace promfleet::election {
namespace {

// A change takes two writes to the disk, so the lock is free again soon.
constexpr Duration kLockRetry = 5ms;
// For file systems that tell no changes.
constexpr Duration kPollPeriod = 1s;

std::string folder_of(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  return parent.empty() ? "." : parent.string();
}

}  // namespace

FileStore::FileStore(Dependencies dependencies, std::string path)
    : watcher_(dependencies.watcher),
      pool_(dependencies.pool),
      clock_(dependencies.clock),
      file_(dependencies.files, dependencies.clock, std::move(path)) {}

Task<Result<std::optional<StoredLease>>> FileStore::read(BootTime) {
  if (co_await cancelled()) co_return fail(Errc::cancelled, "cancelled");
  co_return co_await pool_.run([this] { return file_.read(); });
}

Task<Result<StoredLease>> FileStore::create(const LeaseRecord& record, BootTime deadline) {
  co_return co_await until_unlocked([&] { return file_.try_create(record); }, deadline);
}

Task<Result<StoredLease>> FileStore::update(const LeaseRecord& record, LeaseRevision expected, BootTime deadline) {
  co_return co_await until_unlocked([&] { return file_.try_update(record, expected); }, deadline);
}

template <class Attempt>
Task<Result<StoredLease>> FileStore::until_unlocked(Attempt attempt, BootTime deadline) {
  if (co_await cancelled()) co_return fail(Errc::cancelled, "cancelled");
  while (true) {
    LeaseFile::Attempt done = co_await pool_.run(attempt);
    if (done) co_return *std::move(done);
    if (clock_.now() >= deadline) {
      co_return fail(Errc::unavailable, "{}: another process holds the lock", file_.lock_path());
    }
    CO_TRY(co_await sleep_until(clock_, std::min(deadline, clock_.now() + kLockRetry)));
  }
}

Task<Result<>> FileStore::watch(OnChange on_change) {
  Signal changed(co_await asio::this_coro::executor);
  bool may_have_changed = true;
  CO_TRY_ASSIGN(const auto watch, watcher_.watch(folder_of(file_.path()), [&] {
    may_have_changed = true;
    changed.notify();
  }));
  bool has_told = false;
  std::optional<StoredLease> told;
  while (true) {
    may_have_changed = false;
    CO_TRY_ASSIGN(const std::optional<StoredLease> current, co_await read(kNever));
    if (!has_told || told != current) on_change(current);
    has_told = true;
    told = current;
    if (!may_have_changed) CO_TRY(co_await wait_until(changed, clock_, clock_.now() + kPollPeriod));
  }
}

}  // namespace promfleet::election
