#include "core/os/inotify_watcher.h"

#include <sys/inotify.h>

#include <cerrno>
#include <set>

namespace promfleet {

struct InotifyWatcher::Subscription {
  std::function<void()> on_change;
};

class InotifyWatcher::FolderWatch final : public Watch {
 public:
  FolderWatch(InotifyWatcher& owner, int descriptor, std::function<void()> on_change)
      : owner_(owner), descriptor_(descriptor), subscription_{std::move(on_change)} {
    owner_.subscriptions_.emplace(descriptor_, &subscription_);
  }
  ~FolderWatch() override { owner_.remove(descriptor_, &subscription_); }

 private:
  InotifyWatcher& owner_;
  int descriptor_;
  Subscription subscription_;
};

Result<std::unique_ptr<InotifyWatcher>> InotifyWatcher::create(asio::io_context& io) {
  const int inotify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (inotify_fd < 0) return fail_errno("inotify_init", errno);
  auto watcher = std::unique_ptr<InotifyWatcher>(new InotifyWatcher(io, inotify_fd));
  watcher->wait_for_events();
  return watcher;
}

Result<std::unique_ptr<FileWatcher::Watch>> InotifyWatcher::watch(const std::string& folder,
                                                                  std::function<void()> on_change) {
  const int descriptor = inotify_add_watch(inotify_.native_handle(), folder.c_str(),
                                           IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |
                                               IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR);
  if (descriptor < 0) return fail_errno(fmt::format("watch {}", folder), errno);
  return std::make_unique<FolderWatch>(*this, descriptor, std::move(on_change));
}

void InotifyWatcher::wait_for_events() {
  inotify_.async_wait(asio::posix::descriptor_base::wait_read, [this](boost::system::error_code error) {
    if (error) return;
    read_events();
    wait_for_events();
  });
}

void InotifyWatcher::read_events() {
  alignas(inotify_event) char buffer[16 * 1024];
  std::set<int> changed;
  bool overflowed = false;
  for (ssize_t size; (size = ::read(inotify_.native_handle(), buffer, sizeof buffer)) > 0;) {
    for (ssize_t at = 0; at < size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer + at);
      if ((event->mask & IN_Q_OVERFLOW) != 0) overflowed = true;
      changed.insert(event->wd);
      at += static_cast<ssize_t>(sizeof(inotify_event)) + event->len;
    }
  }
  // Copied first: a callback may end its own watch or another.
  const Subscriptions now = subscriptions_;
  for (const auto& [descriptor, subscription] : now) {
    if (!overflowed && !changed.contains(descriptor)) continue;
    const auto [first, last] = subscriptions_.equal_range(descriptor);
    const auto same = std::pair<const int, Subscription*>(descriptor, subscription);
    if (std::find(first, last, same) != last) subscription->on_change();
  }
}

void InotifyWatcher::remove(int descriptor, Subscription* subscription) {
  const auto [first, last] = subscriptions_.equal_range(descriptor);
  subscriptions_.erase(std::find(first, last, std::pair<const int, Subscription*>(descriptor, subscription)));
  if (!subscriptions_.contains(descriptor)) inotify_rm_watch(inotify_.native_handle(), descriptor);
}

}  // namespace promfleet
