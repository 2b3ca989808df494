#include "elector/folder_change.h"

#include <utility>

namespace promfleet::elector {

namespace {

// For file systems that never tell of a change, and for folders inside the folder.
constexpr Duration kPollPeriod = 10s;

// Larger than any configuration that we write.
constexpr std::size_t kFileBytesMax = 64 * 1024 * 1024;

}  // namespace

FolderChange::Look FolderChange::all_below(std::string folder) {
  return [folder = std::move(folder)](FileSystem& files) { return files.hash_folder(folder); };
}

FolderChange::Look FolderChange::file(std::string path) {
  return [path = std::move(path)](FileSystem& files) -> Result<std::uint64_t> {
    const Result<std::string> bytes = files.read(path, kFileBytesMax);
    return std::hash<std::string>()(bytes ? *bytes : bytes.error().message());
  };
}

FolderChange::FolderChange(Parts parts, std::string folder, Look look, std::function<void()> on_change)
    : parts_(std::move(parts)),
      folder_(std::move(folder)),
      look_(std::move(look)),
      on_change_(std::move(on_change)),
      touched_(parts_.io.get_executor()),
      scope_(parts_.io.get_executor()) {}

Task<> FolderChange::run() {
  while (!co_await cancelled()) {
    is_touched_ = false;
    // Watched anew before each look: the folder may be another one of the same name.
    const auto watch = parts_.watcher.watch(folder_, [this] {
      is_touched_ = true;
      touched_.notify();
    });
    compare(co_await parts_.pool.run([this] { return look_(parts_.files); }));
    // What was touched during the look is looked at again.
    const BootTime again = parts_.clock.now() + kPollPeriod;
    if (!is_touched_ && !co_await wait_until(touched_, parts_.clock, again)) co_return;
  }
}

void FolderChange::compare(const Result<std::uint64_t>& hash) {
  const bool was_missing = std::exchange(is_missing_, !hash);
  if (!hash) {
    if (!was_missing) parts_.log.warn("cannot read a watched folder", {{"err", hash.error()}});
    return;
  }
  const std::optional<std::uint64_t> before = std::exchange(hash_, *hash);
  const bool has_come = !before && was_missing;
  if (has_come || (before && before != hash_)) on_change_();
}

}  // namespace promfleet::elector
