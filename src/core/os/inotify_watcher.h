// FileWatcher on Linux' inotify.
#pragma once

#include <map>

#include <boost/asio/posix/stream_descriptor.hpp>

#include "core/async/task.h"
#include "core/os/file_watcher.h"

namespace promfleet {

class InotifyWatcher final : public FileWatcher {
 public:
  // Errc::io_failed when the user has no inotify instance left (fs.inotify.max_user_instances).
  static Result<std::unique_ptr<InotifyWatcher>> create(asio::io_context& io);

  Result<std::unique_ptr<Watch>> watch(const std::string& folder, std::function<void()> on_change) override;

 private:
  struct Subscription;
  class FolderWatch;
  // Several watches of one folder share one inotify watch descriptor.
  using Subscriptions = std::multimap<int, Subscription*>;

  InotifyWatcher(asio::io_context& io, int inotify_fd) : inotify_(io.get_executor(), inotify_fd) {}

  void wait_for_events();
  void read_events();
  void remove(int descriptor, Subscription* subscription);

  asio::posix::basic_stream_descriptor<Executor> inotify_;
  Subscriptions subscriptions_;
};

}  // namespace promfleet
