#include "core/os/real_file_system.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <vector>

#include "core/base/try.h"

namespace promfleet {

namespace {

constexpr std::size_t kHashedFileBytesMax = 64 * 1024 * 1024;

// A file descriptor with an owner.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }

  int get() const { return fd_; }

 private:
  int fd_;
};

// Without waiting: a pipe without another end, or a device, would hold the thread up for ever.
Result<Descriptor> open_file(const std::string& path, int flags, mode_t mode = 0) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK, mode);
  if (fd < 0) return fail_errno(fmt::format("open {}", path), errno);
  return Descriptor(fd);
}

// What is read here is read again and again, and compared. A pipe gives its content once (also that of a shell's
// <(...), which therefore is no file to us), and a device blocks, or never ends.
Result<> check_regular(const Descriptor& file, const std::string& path) {
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return fail_errno(fmt::format("stat {}", path), errno);
  if (S_ISREG(status.st_mode)) return {};
  if (S_ISDIR(status.st_mode)) return fail(Errc::invalid_input, "read {}: it is a folder", path);
  if (!S_ISFIFO(status.st_mode)) return fail(Errc::invalid_input, "read {}: it is not a regular file", path);
  return fail(
      Errc::invalid_input,
      "read {}: it is a pipe, which can be read only once; write its content to a file, which is read again when "
      "it changes",
      path);
}

Result<> write_all(int fd, const std::string& path, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail_errno(fmt::format("write {}", path), errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// A rename or a removal is durable once its folder is.
Result<> sync_folder_of(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  const std::string folder = parent.empty() ? "." : parent.string();
  TRY_ASSIGN(const Descriptor descriptor, open_file(folder, O_RDONLY | O_DIRECTORY));
  if (::fsync(descriptor.get()) != 0 && errno != EINVAL) return fail_errno(fmt::format("fsync {}", folder), errno);
  return {};
}

Result<> write_durably(const std::string& path, std::string_view bytes, mode_t mode) {
  TRY_ASSIGN(const Descriptor file, open_file(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode));
  // A left-over file of a process that was killed keeps the mode that it was created with.
  if (::fchmod(file.get(), mode) != 0) return fail_errno(fmt::format("chmod {}", path), errno);
  TRY(write_all(file.get(), path, bytes));
  if (::fsync(file.get()) != 0) return fail_errno(fmt::format("fsync {}", path), errno);
  return {};
}

// FNV-1a: enough to notice a change, and nothing depends on its value.
void mix(std::uint64_t& hash, std::string_view bytes) {
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
}

// The paths of the files below `folder`, in order.
Result<std::vector<std::string>> list_files(const std::string& folder) {
  namespace fs = std::filesystem;
  std::vector<std::string> files;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    const bool is_version = entry->path().filename().string().starts_with("..");
    std::error_code broken_link;  // it has no content to compare
    if (is_version) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file(broken_link)) {
      files.push_back(entry->path().string());
    }
  }
  if (error) return fail_errno(fmt::format("list {}", folder), error.value());
  std::ranges::sort(files);
  return files;
}

class Flock final : public FileLock {
 public:
  explicit Flock(Descriptor file) : file_(std::move(file)) {}

 private:
  Descriptor file_;  // closing it releases the lock
};

// 0, or the errno.
int flock_uninterrupted(const Descriptor& file, int operation) {
  while (::flock(file.get(), operation) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

Result<std::unique_ptr<FileLock>> lock_with(const std::string& path, int operation) {
  TRY_ASSIGN(Descriptor file, open_file(path, O_RDONLY | O_CREAT, 0600));
  int failure = flock_uninterrupted(file, operation);
  if (failure == EBADF) {  // NFS locks for writing, and wants to see that the file could be written (flock(2))
    TRY_ASSIGN(Descriptor writable, open_file(path, O_RDWR));
    failure = flock_uninterrupted(writable, operation);
    file = std::move(writable);
  }
  if (failure == EWOULDBLOCK) return fail(Errc::conflict, "lock {}: another process holds it", path);
  if (failure != 0) return fail_errno(fmt::format("lock {}", path), failure);
  return std::make_unique<Flock>(std::move(file));
}

}  // namespace

Result<std::string> RealFileSystem::read(const std::string& path, std::size_t bytes_max) {
  TRY_ASSIGN(const Descriptor file, open_file(path, O_RDONLY));
  TRY(check_regular(file, path));
  std::string bytes;
  char piece[16 * 1024];
  while (true) {
    const ssize_t count = ::read(file.get(), piece, sizeof piece);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_errno(fmt::format("read {}", path), errno);
    if (count == 0) return bytes;
    if (bytes.size() + static_cast<std::size_t>(count) > bytes_max) {
      return fail(Errc::limit_exceeded, "read {}: larger than the {} bytes that are accepted", path, bytes_max);
    }
    bytes.append(piece, static_cast<std::size_t>(count));
  }
}

Result<> RealFileSystem::replace_if(const std::string& path, std::string_view bytes, mode_t mode,
                                    const std::function<bool()>& may) {
  const std::string temporary = path + ".tmp";
  Result<> written = write_durably(temporary, bytes, mode);
  if (written && !may()) written = fail(Errc::cancelled, "{} is not wanted any more", path);
  if (written) written = rename(temporary, path);
  if (!written) ::unlink(temporary.c_str());
  return written;
}

Result<> RealFileSystem::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return fail_errno(fmt::format("rename {} to {}", from, to), errno);
  return sync_folder_of(to);
}

Result<> RealFileSystem::remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0) {
    if (errno == ENOENT) return {};
    return fail_errno(fmt::format("remove {}", path), errno);
  }
  return sync_folder_of(path);
}

Result<std::uint64_t> RealFileSystem::hash_folder(const std::string& folder) {
  TRY_ASSIGN(const std::vector<std::string> files, list_files(folder));
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const std::string& path : files) {
    // A file that is gone again is a change that another look will see.
    const Result<std::string> bytes = read(path, kHashedFileBytesMax);
    mix(hash, path);
    mix(hash, bytes ? *bytes : bytes.error().message());
  }
  return hash;
}

Result<std::unique_ptr<FileLock>> RealFileSystem::lock(const std::string& path) {
  return lock_with(path, LOCK_EX);
}

Result<std::unique_ptr<FileLock>> RealFileSystem::try_lock(const std::string& path) {
  return lock_with(path, LOCK_EX | LOCK_NB);
}

}  // namespace promfleet
