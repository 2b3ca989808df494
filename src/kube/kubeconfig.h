// The file in which kubectl keeps clusters, users and contexts:
// https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
//
// The current context counts. Inline data goes before a file of the same kind, a token file before a token, as in
// kubectl. What would act as somebody else or somewhere else if we passed over it is refused by name: exec plugins,
// auth providers, impersonation, proxies.
#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/os/file_system.h"
#include "kube/access.h"

namespace promfleet::kube {

// Relative paths in it are relative to its folder. Errors name the file and the position and never repeat a secret:
// Errc::invalid_input, unsupported for what is refused, and those of reading files.
Result<Access> load_kubeconfig(FileSystem& files, const std::string& path);

// The same for a text whose relative paths are relative to `folder`.
Result<Access> parse_kubeconfig(FileSystem& files, std::string_view text, const std::string& folder);

}  // namespace promfleet::kube
