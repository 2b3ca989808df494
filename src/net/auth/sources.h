// The files that a configuration is made of, as they were read: itself, its certificates, its passwords.
//
// Whether any of them has changed is found by reading them again. They are small and few, and a time stamp misses what
// was written within its resolution, or what an atomic swap brought in with an old one.
//
// Thread safety: none.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/os/file_system.h"

namespace promfleet::auth {

// Of each file; certificate bundles have some 200 KiB.
inline constexpr std::size_t kSourceBytesMax = 1 << 20;

class Sources {
 public:
  // `files` outlives the sources.
  explicit Sources(FileSystem& files) : files_(&files) {}

  // Errors are those of FileSystem::read(); they count as what was read.
  Result<std::string> read(const std::string& path);

  // Whether reading gives the same again.
  bool are_unchanged() const;

  std::set<std::string> folders() const;

 private:
  struct Source {
    std::string path;
    Result<std::string> content;
  };

  FileSystem* files_;
  std::vector<Source> sources_;
};

// `path` as a configuration file in `folder` means it: a relative one begins there.
std::string path_in(const std::string& folder, const std::string& path);

// "." for a path without one.
std::string folder_of(const std::string& path);

}  // namespace promfleet::auth
