#include "net/auth/followed_config.h"

#include <set>
#include <vector>

#include "core/async/signal.h"

namespace promfleet::auth {
namespace {

constexpr Duration kLookEvery = 5s;

// A folder that cannot be watched is looked at now and then all the same.
using Watches = std::vector<std::unique_ptr<FileWatcher::Watch>>;
Watches watch_all(FileWatcher& watcher, const std::set<std::string>& folders, Signal& changed) {
  Watches watches;
  for (const std::string& folder : folders) {
    Result<std::unique_ptr<FileWatcher::Watch>> watch = watcher.watch(folder, [&changed] { changed.notify(); });
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
                                  {{"path", path_}})) {}

Result<> FollowedFile::load_anew() {
  sources_ = Sources(parts_.files);
  const Result<> loaded = load(sources_);
  valid_.set(loaded ? 1 : 0);
  return loaded;
}

void FollowedFile::reload() {
  if (sources_.are_unchanged()) return;
  const Result<> loaded = load_anew();
  if (!loaded) {
    if (error_ != loaded.error()) {
      parts_.log.error("the changed file is not valid; its last good version stays in force",
                       {{"path", path_}, {"error", loaded.error()}});
    }
    error_ = loaded.error();
    return;
  }
  error_.reset();
  parts_.log.info("the changed file is in force", {{"path", path_}});
  if (on_change_) on_change_();
}

Task<> FollowedFile::follow(FileWatcher& watcher) {
  Signal changed(co_await asio::this_coro::executor);
  std::set<std::string> folders;
  Watches watches;
  while (true) {
    if (const std::set<std::string> wanted = sources_.folders(); wanted != folders) {
      watches = watch_all(watcher, wanted, changed);
      folders = wanted;
    }
    reload();
    if (!co_await wait_until(changed, parts_.clock, parts_.clock.now() + kLookEvery)) co_return;
  }
}

}  // namespace promfleet::auth
