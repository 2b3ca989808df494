// The term in a small JSON file beside the output (docs/format/lease.md).
//
// It is locked while the process lives: two processes that shared it could both prove the same term. As long as the
// lock cannot be had, since the folder is read-only or full, no term is proved and none is kept; every call tries
// again.
#pragma once

#include <memory>
#include <string>

#include "core/async/cpu_pool.h"
#include "core/os/file_system.h"
#include "election/term_file.h"

namespace promfleet::election {

class StateFile final : public TermFile {
 public:
  // `group` names lease and store: a term of another group is none. `files` and `pool` outlive it. Errc::conflict:
  // another process uses the file; not_found: its folder is not there.
  static Result<std::unique_ptr<StateFile>> open(FileSystem& files, CpuPool& pool, std::string path, std::string group);

  Result<std::optional<Term>> load() override;
  Task<Result<>> save(Term term) override;
  Task<Result<>> forget() override;

 private:
  StateFile(FileSystem& files, CpuPool& pool, std::string path, std::string group);

  Result<> lock();

  FileSystem& files_;
  CpuPool& pool_;
  std::string path_;
  std::string group_;
  std::unique_ptr<FileLock> lock_;  // null as long as it could not be had
};

}  // namespace promfleet::election
