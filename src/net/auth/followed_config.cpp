#include "net/auth/followed_config.h"

#include <set>
#include <vector>

namespace promfleet::auth {
namespace {

constexpr Duration kLookEvery = 5s;

// A folder that cannot be watched is looked at now and then all the same.
using Watches = std::vector<std::unique_ptr<FileWatcher::Watch>>;
Watches watch_all(FileWatcher& watcher, const std::set<std::string>& folders, const std::function<void()>& on_change) {
  Watches watches;
  for (const std::string& folder : folders) {
    Result<std::unique_ptr<FileWatcher::Watch>> watch = watcher.watch(folder, on_change);
    if (watch) watches.push_back(*std::move(watch));
  }
  return watches;
}

}  // namespace

FollowedFile::FollowedFile(Parts parts, std::string path)
    : parts_(std::move(parts)),
      path_(std::move(path)),
      sources_(parts_.files),
      valid_(parts_.metrics.gauge("promfleet_config_file_valid", "Whether the newest version of the file is in force.",
                                  {{"path", path_}})),
      touched_(parts_.executor) {}

void FollowedFile::look_again() {
  is_touched_ = true;
  touched_.notify();
}

Task<> FollowedFile::follow(FileWatcher& watcher) {
  std::set<std::string> folders;
  Watches watches;
  while (!co_await cancelled()) {
    // Before reading, so that no change falls between: what is touched meanwhile is read again.
    is_touched_ = false;
    if (const std::set<std::string> wanted = sources_.folders(); wanted != folders) {
      watches = watch_all(watcher, wanted, [this] { look_again(); });
      folders = wanted;
    }
    co_await reload();
    if (!is_touched_ && !co_await wait_until(touched_, parts_.clock, parts_.clock.now() + kLookEvery)) co_return;
  }
}

Task<> FollowedFile::reload() {
  std::optional<Reading> changed = co_await parts_.pool.run([this]() -> std::optional<Reading> {
    if (sources_.are_unchanged()) return std::nullopt;
    return read();
  });
  if (!changed || co_await cancelled()) co_return;
  const Result<> taken = take(*std::move(changed));
  if (!taken) {
    if (error_ != taken.error()) {
      parts_.log.error("the changed file is not valid; its last good version stays in force",
                       {{"path", path_}, {"err", taken.error()}});
    }
    error_ = taken.error();
    co_return;
  }
  error_.reset();
  parts_.log.info("the changed file is in force", {{"path", path_}});
  if (on_change_) on_change_();
}

FollowedFile::Reading FollowedFile::read() {
  Sources sources(parts_.files);
  Result<PutInForce> version = load(sources);
  return {.sources = std::move(sources), .version = std::move(version)};
}

Result<> FollowedFile::take(Reading reading) {
  sources_ = std::move(reading.sources);
  valid_.set(reading.version ? 1 : 0);
  if (!reading.version) return std::unexpected(std::move(reading.version).error());
  (*reading.version)();
  return {};
}

}  // namespace promfleet::auth
