// What our requests say about who we are: the Authorization field.
//
// A token file is read at every use: it is a few hundred bytes of memory (a projected volume), the kubelet replaces it
// without telling, and a token that has ended costs a refused request. While it cannot be read, the last token that
// could be goes on being used.
#pragma once

#include <optional>
#include <string>

#include "core/base/error.h"
#include "core/os/file_system.h"
#include "kube/access.h"

namespace promfleet::kube {

class Authorization {
 public:
  // `files` outlives it.
  Authorization(FileSystem& files, Credentials credentials) : files_(files), credentials_(std::move(credentials)) {}

  // The value of the field; nullopt: there is to be none. Errc::unauthorized: there is no usable token, and why. The
  // message never holds it.
  Result<std::optional<std::string>> field();

  // Whether the server may accept at a second try what it refused just now.
  bool may_have_changed() const { return std::holds_alternative<TokenFile>(credentials_); }

 private:
  Result<std::string> read_token(const std::string& path);

  FileSystem& files_;
  Credentials credentials_;
  std::optional<std::string> last_token_;
};

}  // namespace promfleet::kube
