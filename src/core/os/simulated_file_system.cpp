#include "core/os/simulated_file_system.h"

namespace promfleet {

class SimulatedFileSystem::Lock final : public FileLock {
 public:
  Lock(SimulatedFileSystem& files, std::string path) : files_(files), path_(std::move(path)) {}
  ~Lock() override {
    const std::scoped_lock lock(files_.mutex_);
    files_.locked_.erase(path_);
  }

 private:
  SimulatedFileSystem& files_;
  std::string path_;
};

Result<std::string> SimulatedFileSystem::read(const std::string& path, std::size_t bytes_max) {
  std::unique_lock lock(mutex_);
  if (const auto broken = read_errors_.find(path); broken != read_errors_.end()) return std::unexpected(broken->second);
  const auto file = files_.find(path);
  if (file == files_.end()) return fail(Errc::not_found, "open {}: No such file or directory", path);
  if (file->second.bytes.size() > bytes_max) return fail(Errc::limit_exceeded, "read {}: too large", path);
  std::string bytes = file->second.bytes;
  lock.unlock();
  was_read(path);
  return bytes;
}

Result<> SimulatedFileSystem::replace_if(const std::string& path, std::string_view bytes, mode_t mode,
                                         const std::function<bool()>& may) {
  const std::scoped_lock lock(mutex_);
  if (write_error_) return std::unexpected(*write_error_);
  if (!may()) return fail(Errc::cancelled, "{} is not wanted any more", path);
  files_.insert_or_assign(path, File{.bytes = std::string(bytes), .mode = mode});
  ++replacements_;
  return {};
}

Result<> SimulatedFileSystem::rename(const std::string& from, const std::string& to) {
  const std::scoped_lock lock(mutex_);
  if (rename_error_) return std::unexpected(*rename_error_);
  auto moved = files_.extract(from);
  if (!moved) return fail(Errc::not_found, "rename {} to {}: No such file or directory", from, to);
  files_.insert_or_assign(to, std::move(moved.mapped()));
  ++replacements_;
  return {};
}

Result<> SimulatedFileSystem::remove(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  if (write_error_) return std::unexpected(*write_error_);
  files_.erase(path);
  return {};
}

Result<std::uint64_t> SimulatedFileSystem::hash_folder(const std::string& folder) {
  std::unique_lock lock(mutex_);
  if (const auto broken = read_errors_.find(folder); broken != read_errors_.end()) {
    return std::unexpected(broken->second);
  }
  std::string all;
  for (const auto& [path, file] : files_) {
    if (path.starts_with(folder + "/")) all += path + "\n" + file.bytes + "\n";
  }
  lock.unlock();
  was_read(folder);
  return std::hash<std::string>()(all);
}

Result<std::unique_ptr<FileLock>> SimulatedFileSystem::try_lock(const std::string& path) {
  const std::scoped_lock lock(mutex_);
  if (write_error_ && !files_.contains(path)) return std::unexpected(*write_error_);
  files_.try_emplace(path, File{.bytes = "", .mode = 0600});
  if (!locked_.insert(path).second) return fail(Errc::conflict, "lock {}: another process holds it", path);
  return std::make_unique<Lock>(*this, path);
}

void SimulatedFileSystem::fail_writes(std::optional<Error> error) {
  const std::scoped_lock lock(mutex_);
  write_error_ = std::move(error);
}

void SimulatedFileSystem::fail_renames(std::optional<Error> error) {
  const std::scoped_lock lock(mutex_);
  rename_error_ = std::move(error);
}

void SimulatedFileSystem::fail_reads(const std::string& path, std::optional<Error> error) {
  const std::scoped_lock lock(mutex_);
  read_errors_.erase(path);
  if (error) read_errors_.emplace(path, *std::move(error));
}

void SimulatedFileSystem::after_next_read(const std::string& path, std::function<void()> happens) {
  const std::scoped_lock lock(mutex_);
  after_read_.insert_or_assign(path, std::move(happens));
}

int SimulatedFileSystem::replacements() const {
  const std::scoped_lock lock(mutex_);
  return replacements_;
}

mode_t SimulatedFileSystem::mode(const std::string& path) const {
  const std::scoped_lock lock(mutex_);
  return files_.at(path).mode;
}

void SimulatedFileSystem::was_read(const std::string& path) {
  std::unique_lock lock(mutex_);
  const auto found = after_read_.extract(path);
  lock.unlock();
  if (found) found.mapped()();
}

}  // namespace promfleet
