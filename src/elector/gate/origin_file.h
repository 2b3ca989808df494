// Remembers over a restart of the sidecar which process of Prometheus the present term is bound to (rule 10): a small
// JSON file beside the output, {"token":...,"prometheusStartTime":"..."}.
#pragma once

#include <optional>
#include <string>

#include "core/async/cpu_pool.h"
#include "core/async/task.h"
#include "core/base/error.h"
#include "core/os/file_system.h"
#include "elector/gate/source_check.h"

namespace promfleet::elector {

class OriginFile {
 public:
  // `files` and `pool` outlive it.
  OriginFile(FileSystem& files, CpuPool& pool, std::string path) : files_(files), pool_(pool), path_(std::move(path)) {}

  // nullopt: there is none.
  Result<std::optional<TermOrigin>> load();
  Task<Result<>> save(TermOrigin origin);

 private:
  FileSystem& files_;
  CpuPool& pool_;
  std::string path_;
};

}  // namespace promfleet::elector
