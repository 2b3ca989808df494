// Keeps up with the users' files: reads them again when they change, and tells of each new valid configuration.
//
// A broken file changes nothing but what is told about it: the last good configuration stays in force, and a repaired
// file heals by itself. A change is found by comparing contents; the folder watch only makes it quick. Bytes that are
// as they were are not parsed again.
//
// Thread safety: none; lives on one io thread. Reading and merging happen on the CPU pool.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/async/cpu_pool.h"
#include "core/async/signal.h"
#include "core/async/task_scope.h"
#include "core/os/clock.h"
#include "core/os/file_system.h"
#include "core/os/file_watcher.h"
#include "core/telemetry/log.h"
#include "core/telemetry/metrics.h"
#include "elector/config/role_configs.h"

namespace promfleet::elector {

struct ConfigFiles {
  std::string config;
  std::string leader_config;  // empty: `config` has both sections
  Environment environment;    // holds no function: $(NAME) stays as it is
};

// The bytes of the files, or why they cannot be read.
struct ConfigBytes {
  Result<std::string> config;
  std::optional<Result<std::string>> leader_config;  // nullopt: there is no such file to read

  bool operator==(const ConfigBytes&) const = default;
};

ConfigBytes read_config_bytes(FileSystem& files, const ConfigFiles& names);

// Reads and merges the files once.
Result<RoleConfigs> read_config(FileSystem& files, const ConfigFiles& names);

// The follower's configuration alone, for which the leader's file need not even be there.
Result<std::string> read_follower_config(FileSystem& files, const ConfigFiles& names);

class ConfigSource {
 public:
  struct Parts {
    asio::io_context& io;
    Clock& clock;
    FileSystem& files;
    FileWatcher& watcher;
    CpuPool& pool;
    Registry& metrics;
    Log log;
  };
  // What is told: each new valid configuration; and, as long as there has been none, what broken files still say of the
  // follower's, if anything.
  struct Listener {
    std::function<void(const RoleConfigs&)> on_configs;
    std::function<void(std::optional<std::string> follower)> on_broken;
  };

  ConfigSource(Parts parts, ConfigFiles names, Listener listener);

  void start() { scope_.spawn(run()); }
  Task<> close() { co_await scope_.close(); }

  // Why the files as they are now are not in force; empty: they are.
  const std::string& error() const { return error_; }
  // The newest valid configuration.
  const std::optional<RoleConfigs>& current() const { return current_; }

 private:
  Task<> run();
  void keep_watching();
  Task<> look();
  Task<> take(Result<RoleConfigs> read);
  void report_broken(const Error& error);

  Parts parts_;
  ConfigFiles names_;
  Listener listener_;
  std::vector<std::unique_ptr<FileWatcher::Watch>> watches_;
  std::optional<ConfigBytes> bytes_;  // as they were read last
  std::optional<RoleConfigs> current_;
  std::string error_;
  Gauge& valid_;
  Counter& errors_;
  bool is_touched_ = false;  // since the latest reading began
  Signal touched_;
  TaskScope scope_;
};

}  // namespace promfleet::elector
