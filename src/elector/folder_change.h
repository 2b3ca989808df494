// Notices that the contents of a folder changed: rule files, or what someone else did to our output.
//
// Thread safety: none; lives on one io thread. Files are read on the CPU pool.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/async/cpu_pool.h"
#include "core/async/signal.h"
#include "core/async/task_scope.h"
#include "core/os/clock.h"
#include "core/os/file_system.h"
#include "core/os/file_watcher.h"
#include "core/telemetry/log.h"

namespace promfleet::elector {

class FolderChange {
 public:
  struct Parts {
    asio::io_context& io;
    Clock& clock;
    FileSystem& files;
    FileWatcher& watcher;
    CpuPool& pool;
    Log log;
  };

  // Calls `on_change` on the io thread when the files below `folder` have other names or contents than before. The first
  // look is no change, but a folder that could not be read at first and comes later is one.
  FolderChange(Parts parts, std::string folder, std::function<void()> on_change);

  void start() { scope_.spawn(run()); }
  Task<> close() { co_await scope_.close(); }

 private:
  Task<> run();
  void compare(const Result<std::uint64_t>& hash);

  Parts parts_;
  std::string folder_;
  std::function<void()> on_change_;
  std::optional<std::uint64_t> hash_;
  bool is_missing_ = false;
  bool is_touched_ = false;  // since the latest look began
  Signal touched_;
  TaskScope scope_;
};

}  // namespace promfleet::elector
