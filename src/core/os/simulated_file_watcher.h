// Folder watches that fire when a test says so.
//
// It knows nothing of a file system: a test changes a file and then touches the folder, or leaves that out to play a
// file system that never tells.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>

#include "core/os/file_watcher.h"

namespace promfleet {

class SimulatedFileWatcher final : public FileWatcher {
 public:
  Result<std::unique_ptr<Watch>> watch(const std::string& folder, std::function<void()> on_change) override;

  // Something in `folder` changed.
  void touch(const std::string& folder);

  // From now on there is no such folder for new watches, until it is back.
  void lose(const std::string& folder) { lost_.insert(folder); }
  void find_again(const std::string& folder) { lost_.erase(folder); }

  // How many watches of `folder` there are.
  std::size_t watches(const std::string& folder) const { return watches_.count(folder); }

 private:
  class FolderWatch;

  std::multimap<std::string, FolderWatch*> watches_;
  std::set<std::string> lost_;
};

}  // namespace promfleet
