#include "elector/folder_change.h"

#include <utility>

namespace promfleet::elector {

namespace {

// For file systems that never tell of a change, and for folders inside the folder.
constexpr Duration kPollPeriod = 10s;

}  // namespace

FolderChange::FolderChange(Parts parts, std::string folder, std::function<void()> on_change)
    : parts_(std::move(parts)),
      folder_(std::move(folder)),
      on_change_(std::move(on_change)),
      touched_(parts_.io.get_executor()),
      scope_(parts_.io.get_executor()) {}

Task<> FolderChange::run() {
  while (!co_await cancelled()) {
    // Watched anew before each look: the folder may be another one of the same name.
    const auto watch = parts_.watcher.watch(folder_, [this] { touched_.notify(); });
    const Result<std::uint64_t> hash = co_await parts_.pool.run([this] { return parts_.files.hash_folder(folder_); });
    const bool was_missing = std::exchange(is_missing_, !hash);
    if (!hash && !was_missing) parts_.log.warn("cannot read a watched folder", {{"err", hash.error()}});
    if (hash) {
      const std::optional<std::uint64_t> before = std::exchange(hash_, *hash);
      if (before && before != hash_) on_change_();
    }
    if (!co_await wait_until(touched_, parts_.clock, parts_.clock.now() + kPollPeriod)) co_return;
  }
}

}  // namespace promfleet::elector
