// Files in memory, with the faults that a disk has.
//
// Thread safety: any thread, for faults and hooks too.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>

#include "core/os/file_system.h"

namespace promfleet {

class SimulatedFileSystem final : public FileSystem {
 public:
  Result<std::string> read(const std::string& path, std::size_t bytes_max) override;
  Result<> replace_if(const std::string& path, std::string_view bytes, mode_t mode,
                      const std::function<bool()>& may) override;
  Result<> rename(const std::string& from, const std::string& to) override;
  Result<> remove(const std::string& path) override;
  Result<std::uint64_t> hash_folder(const std::string& folder) override;
  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override { return try_lock(path); }
  Result<std::unique_ptr<FileLock>> try_lock(const std::string& path) override;

  // From now on every write fails with `error` and changes nothing, as on a full disk, where a rename still works;
  // nullopt heals it.
  void fail_writes(std::optional<Error> error);
  // The same of renames, as on a read-only disk.
  void fail_renames(std::optional<Error> error);
  // From now on reading `path`, a file or a folder, fails with `error`; nullopt heals it.
  void fail_reads(const std::string& path, std::optional<Error> error);

  // What happens right after `path`, a file or a folder, is read the next time, before its reader goes on.
  void after_next_read(const std::string& path, std::function<void()> happens);

  int replacements() const;
  mode_t mode(const std::string& path) const;

 private:
  struct File {
    std::string bytes;
    mode_t mode;
  };
  class Lock;

  void was_read(const std::string& path);

  mutable std::mutex mutex_;
  std::map<std::string, File> files_;
  std::map<std::string, Error> read_errors_;
  std::map<std::string, std::function<void()>> after_read_;
  std::set<std::string> locked_;
  std::optional<Error> write_error_;
  std::optional<Error> rename_error_;
  int replacements_ = 0;
};

}  // namespace promfleet
