// The few things that we do with files, injected: tests fill the disk, refuse a rename or forget unsynced data.
//
// Thread safety: every call may be made from any thread; calls that write wait for the disk, so an io thread makes
// them on the CPU pool.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace promfleet {

// Held until destroyed, or until the process dies in whatever way.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // Errc::not_found; limit_exceeded when the file has more than `bytes_max`; invalid_input when it is no regular file;
  // io_failed.
  virtual Result<std::string> read(const std::string& path, std::size_t bytes_max) = 0;

  // Afterwards `path` holds `bytes` with `mode`, durably; a reader sees the old or the new content, never a part, and
  // so does a machine that loses power. On an error the old content is there, or the new one, not known to be durable.
  Result<> replace(const std::string& path, std::string_view bytes, mode_t mode) {
    return replace_if(path, bytes, mode, [] { return true; });
  }

  // The same, unless `may` says no at the last moment, when everything is written and only the switch is left:
  // Errc::cancelled, and nothing has changed.
  virtual Result<> replace_if(const std::string& path, std::string_view bytes, mode_t mode,
                              const std::function<bool()>& may) = 0;

  // Puts `from` in the place of `to`. Durable like replace(), and needs no space.
  virtual Result<> rename(const std::string& from, const std::string& to) = 0;

  // Not an error when there is no such file. Durable like replace().
  virtual Result<> remove(const std::string& path) = 0;

  // A hash of the names and contents of all files below `folder`, which is the same as long as nothing in it changes.
  // Entries whose name begins with ".." are left out: a ConfigMap keeps its versions there and links to the current
  // one.
  virtual Result<std::uint64_t> hash_folder(const std::string& folder) = 0;

  // Waits for an exclusive lock on `path`, which is created empty if need be and never written: a lock that is held
  // does not keep its file system from being made read-only.
  virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path) = 0;
  // Errc::conflict when another process holds it.
  virtual Result<std::unique_ptr<FileLock>> try_lock(const std::string& path) = 0;
};

}  // namespace promfleet
