// Notices that something in a folder changed: rule files, or what someone else did to our output.
//
// A change is found by comparing contents; the folder watch only makes it quick.
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

  // What is compared: a hash that stays the same as long as nothing that counts has changed.
  using Look = std::function<Result<std::uint64_t>(FileSystem&)>;
  // Names and contents of all files below `folder`.
  static Look all_below(std::string folder);
  // The content of one file. That there is none counts as a content.
  static Look file(std::string path);

  // Watches `folder`, and calls `on_change` on the io thread when `look` finds something else than before. The first
  // look is no change, but what could not be read at first and comes later is one.
  FolderChange(Parts parts, std::string folder, Look look, std::function<void()> on_change);

  void start() { scope_.spawn(run()); }
  Task<> close() { co_await scope_.close(); }

 private:
  Task<> run();
  void compare(const Result<std::uint64_t>& hash);

  Parts parts_;
  std::string folder_;
  Look look_;
  std::function<void()> on_change_;
  std::optional<std::uint64_t> hash_;
  bool is_missing_ = false;
  bool is_touched_ = false;  // since the latest look began
  Signal touched_;
  TaskScope scope_;
};

}  // namespace promfleet::elector
