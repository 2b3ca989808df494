// Tells that something in a folder may have changed, so that nobody has to poll it.
//
// Only a hint: what changed is found by comparing contents (a ConfigMap update is a symlink swap beside the file), and
// whoever watches also looks now and then, since some file systems never tell.
//
// Thread safety: none; a watcher belongs to one io thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/base/error.h"

namespace promfleet {

class FileWatcher {
 public:
  // Destroying it ends the watch.
  class Watch {
   public:
    virtual ~Watch() = default;
  };

  virtual ~FileWatcher() = default;

  // Calls `on_change` on the io thread after something in `folder` was created, written, renamed or deleted; several
  // changes may be told once. Errc::not_found when there is no such folder.
  virtual Result<std::unique_ptr<Watch>> watch(const std::string& folder, std::function<void()> on_change) = 0;
};

}  // namespace promfleet
