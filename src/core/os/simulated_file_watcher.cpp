#include "core/os/simulated_file_watcher.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace promfleet {

class SimulatedFileWatcher::FolderWatch final : public Watch {
 public:
  FolderWatch(SimulatedFileWatcher& owner, const std::string& folder, std::function<void()> on_change)
      : owner_(owner), self_(owner.watches_.emplace(folder, this)), on_change_(std::move(on_change)) {}
  ~FolderWatch() override { owner_.watches_.erase(self_); }

  void tell() const { on_change_(); }

 private:
  SimulatedFileWatcher& owner_;
  std::multimap<std::string, FolderWatch*>::iterator self_;
  std::function<void()> on_change_;
};

Result<std::unique_ptr<FileWatcher::Watch>> SimulatedFileWatcher::watch(const std::string& folder,
                                                                        std::function<void()> on_change) {
  if (lost_.contains(folder)) return fail(Errc::not_found, "watch {}: No such file or directory", folder);
  return std::make_unique<FolderWatch>(*this, folder, std::move(on_change));
}

void SimulatedFileWatcher::touch(const std::string& folder) {
  const auto [first, last] = watches_.equal_range(folder);
  // Copied first: who is told may end its watch or begin another.
  const std::vector<std::pair<std::string, FolderWatch*>> now(first, last);
  for (const auto& [path, watch] : now) {
    const bool is_there = std::ranges::any_of(watches_, [&](const auto& known) { return known.second == watch; });
    if (is_there) watch->tell();
  }
}

}  // namespace promfleet
