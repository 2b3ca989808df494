// A folder with one file that is updated as the kubelet updates a mounted ConfigMap: a new folder for each version, and
// the link to the current one replaced by a rename. The file itself is a link that never changes.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "core/os/temporary_folder.h"

namespace promfleet {

class ConfigMapFolder {
 public:
  explicit ConfigMapFolder(std::string file) : file_(std::move(file)) {
    std::filesystem::create_symlink("..data/" + file_, file_path());
  }

  void publish(const std::string& text) {
    const std::string version = "..version-" + std::to_string(++versions_);
    std::filesystem::create_directory(path() + "/" + version);
    std::ofstream(path() + "/" + version + "/" + file_) << text;
    std::filesystem::create_directory_symlink(version, path() + "/..data_tmp");
    std::filesystem::rename(path() + "/..data_tmp", path() + "/..data");
  }

  const std::string& path() const { return folder_.path(); }
  std::string file_path() const { return path() + "/" + file_; }

 private:
  TemporaryFolder folder_;
  std::string file_;
  int versions_ = 0;
};

}  // namespace promfleet
