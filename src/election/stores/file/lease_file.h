// The lease in a file that several processes of one host share: JSON in the shape of lease_document.h, with the
// revision in metadata.resourceVersion.
//
// Whoever changes it holds a lock on PATH.lock, reads, compares, and replaces the file as a whole. So a reader needs no
// lock, and a process that is killed anywhere in between leaves the old or the new lease and a lock that the kernel has
// released.
//
// A revision is one more than the last, or the wall clock's microseconds if that is more. A lease that is created anew
// goes on behind PATH.revision, which no revision has ever passed: so they grow over a deletion, too, wherever the
// clock was set meanwhile. It is raised by an hour at a time, before it is passed.
//
// Thread safety: every call may be made from any thread, and waits for the disk.
#pragma once

#include <optional>
#include <string>

#include "codec/json/value.h"
#include "core/base/error.h"
#include "core/os/clock.h"
#include "core/os/file_system.h"
#include "election/lease.h"

namespace promfleet::election {

class LeaseFile {
 public:
  // `files` and `clock` outlive it.
  LeaseFile(FileSystem& files, const Clock& clock, std::string path)
      : files_(files),
        clock_(clock),
        path_(std::move(path)),
        lock_path_(path_ + ".lock"),
        reserved_path_(path_ + ".revision") {}

  // Errors as in lease_store.h; a disk that fails is Errc::unreachable.
  Result<std::optional<StoredLease>> read();

  // A change, or nothing when another process holds the lock just now.
  using Attempt = std::optional<Result<StoredLease>>;
  Attempt try_create(const LeaseRecord& record);
  Attempt try_update(const LeaseRecord& record, LeaseRevision expected);

  const std::string& path() const { return path_; }
  const std::string& lock_path() const { return lock_path_; }

 private:
  struct Content {
    json::Object document;
    StoredLease stored;
  };

  Result<std::optional<Content>> load();
  Result<StoredLease> create(const LeaseRecord& record);
  Result<StoredLease> update(const LeaseRecord& record, LeaseRevision expected);
  Result<StoredLease> store(json::Object document, const LeaseRecord& record, LeaseRevision previous);
  Result<LeaseRevision> reserved();
  Result<> reserve(LeaseRevision revision);
  template <class Change>
  Attempt locked(const Change& change);

  FileSystem& files_;
  const Clock& clock_;
  std::string path_;
  std::string lock_path_;
  std::string reserved_path_;
};

}  // namespace promfleet::election
