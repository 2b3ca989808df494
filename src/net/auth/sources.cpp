#include "net/auth/sources.h"

#include <algorithm>
#include <filesystem>

namespace promfleet::auth {

Result<std::string> Sources::read(const std::string& path) {
  sources_.push_back({.path = path, .content = files_->read(path, kSourceBytesMax)});
  return sources_.back().content;
}

bool Sources::are_unchanged() const {
  return std::ranges::all_of(
      sources_, [this](const Source& source) { return files_->read(source.path, kSourceBytesMax) == source.content; });
}

std::set<std::string> Sources::folders() const {
  std::set<std::string> folders;
  for (const Source& source : sources_) folders.insert(folder_of(source.path));
  return folders;
}

std::string path_in(const std::string& folder, const std::string& path) {
  return (std::filesystem::path(folder) / path).string();
}

std::string folder_of(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  return parent.empty() ? "." : parent.string();
}

}  // namespace promfleet::auth
