// The machine's files.
#pragma once

#include "core/os/file_system.h"

namespace promfleet {

class RealFileSystem final : public FileSystem {
 public:
  Result<std::string> read(const std::string& path, std::size_t bytes_max) override;
  Result<> replace_if(const std::string& path, std::string_view bytes, mode_t mode,
                      const std::function<bool()>& may) override;
  Result<> rename(const std::string& from, const std::string& to) override;
  Result<> remove(const std::string& path) override;
  Result<std::uint64_t> hash_folder(const std::string& folder) override;
  Result<std::unique_ptr<FileLock>> lock(const std::string& path) override;
  Result<std::unique_ptr<FileLock>> try_lock(const std::string& path) override;
};

}  // namespace promfleet
