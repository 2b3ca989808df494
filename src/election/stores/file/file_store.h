// LeaseStore over a file: for several members on one host, and for the demo.
//
// A slow disk is waited for beyond the deadline of a call.
//
// A process that is stopped while it holds the lock (a matter of microseconds, but SIGSTOP may hit there) keeps the
// others from changing the lease until it goes on; they get Errc::unavailable at their deadline.
#pragma once

#include <string>

#include "core/async/cpu_pool.h"
#include "core/os/clock.h"
#include "core/os/file_system.h"
#include "core/os/file_watcher.h"
#include "election/lease_store.h"
#include "election/stores/file/lease_file.h"

namespace promfleet::election {

class FileStore final : public LeaseStore {
 public:
  // All outlive the store.
  struct Dependencies {
    FileSystem& files;
    FileWatcher& watcher;
    CpuPool& pool;
    Clock& clock;
  };

  FileStore(Dependencies dependencies, std::string path);

  Task<Result<std::optional<StoredLease>>> read(BootTime deadline) override;
  Task<Result<StoredLease>> create(const LeaseRecord& record, BootTime deadline) override;
  Task<Result<StoredLease>> update(const LeaseRecord& record, LeaseRevision expected, BootTime deadline) override;
  Task<Result<>> watch(OnChange on_change) override;

 private:
  template <class Attempt>
  Task<Result<StoredLease>> until_unlocked(Attempt attempt, BootTime deadline);

  FileWatcher& watcher_;
  CpuPool& pool_;
  Clock& clock_;
  LeaseFile file_;
};

}  // namespace promfleet::election
