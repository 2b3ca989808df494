// A configuration file that may change while we run: the newest valid version of it, read anew when one of its files
// changes.
//
//   TRY_ASSIGN(const auto web, FollowedConfig<WebConfig>::create(parts, path, [path](Sources& sources) {
//     return load_web_config(sources, path);
//   }));
//   tasks.spawn(web->follow(watcher));
//
// A program does not start on a broken file. One that breaks later changes nothing: the last good version stays in
// force, which is logged, counted (promfleet_config_file_valid) and told by error(), until the file is good again.
//
// Thread safety: none; lives on one io thread. Only create() reads on it; later the files are read and understood on
// the pool, so that a mount which hangs costs no more than news of them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/async/cpu_pool.h"
#include "core/async/signal.h"
#include "core/async/task.h"
#include "core/base/error.h"
#include "core/base/try.h"
#include "core/os/clock.h"
#include "core/os/file_system.h"
#include "core/os/file_watcher.h"
#include "core/telemetry/log.h"
#include "core/telemetry/metrics.h"
#include "net/auth/sources.h"

namespace promfleet::auth {

// What does not depend on what the file says.
class FollowedFile {
 public:
  // They outlive the file.
  struct Parts {
    Executor executor;
    FileSystem& files;
    CpuPool& pool;
    Clock& clock;
    Registry& metrics;
    Log log;
  };

  virtual ~FollowedFile() = default;
  FollowedFile(const FollowedFile&) = delete;
  FollowedFile& operator=(const FollowedFile&) = delete;

  // Reads the files again, if they have changed, soon after something has changed in a folder of theirs, when
  // look_again() asks for it, and every few seconds in any case: some file systems never tell. Ends when cancelled.
  Task<> follow(FileWatcher& watcher);

  // For somebody who has reason to believe that the files are others by now.
  void look_again();

  // Called after each new version; one listener.
  void on_change(std::function<void()> listener) { on_change_ = std::move(listener); }

  // Why the newest version is not in force; nullopt when it is.
  const std::optional<Error>& error() const { return error_; }
  const std::string& path() const { return path_; }

 protected:
  // Puts what was read in force, on the io thread.
  using PutInForce = std::function<void()>;
  // The files as they are now, and what they say.
  struct Reading {
    Sources sources;
    Result<PutInForce> version;
  };

  FollowedFile(Parts parts, std::string path);

  Result<> take(Reading reading);
  Reading read();

 private:
  // Called on a pool thread, but for the first time.
  virtual Result<PutInForce> load(Sources& sources) = 0;

  Task<> reload();

  Parts parts_;
  std::string path_;
  Sources sources_;
  Gauge& valid_;
  std::optional<Error> error_;
  std::function<void()> on_change_;
  bool is_touched_ = false;  // since the latest reading began
  Signal touched_;
};

template <class Config>
class FollowedConfig final : public FollowedFile {
 public:
  using Load = std::function<Result<Config>(Sources&)>;

  static Result<std::unique_ptr<FollowedConfig>> create(Parts parts, std::string path, Load load) {
    std::unique_ptr<FollowedConfig> followed(new FollowedConfig(std::move(parts), std::move(path), std::move(load)));
    TRY(followed->take(followed->read()));
    return followed;
  }

  // Stays as it is while somebody holds it.
  std::shared_ptr<const Config> current() const { return current_; }

 private:
  FollowedConfig(Parts parts, std::string path, Load load)
      : FollowedFile(std::move(parts), std::move(path)), load_(std::move(load)) {}

  Result<PutInForce> load(Sources& sources) override {
    TRY_ASSIGN(Config config, load_(sources));
    return [this, newest = std::make_shared<const Config>(std::move(config))] { current_ = newest; };
  }

  Load load_;
  std::shared_ptr<const Config> current_;
};

}  // namespace promfleet::auth
