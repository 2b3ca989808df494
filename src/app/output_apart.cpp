#include "app/output_apart.h"

#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace promfleet {

namespace {

// `path` without links and detours, whether it is there yet or not.
std::filesystem::path resolved(const std::string& path) {
  std::error_code failed;
  const std::filesystem::path whole = std::filesystem::absolute(path, failed);
  std::filesystem::path followed = std::filesystem::weakly_canonical(whole, failed);
  return failed ? whole.lexically_normal() : followed;
}

bool are_same(const std::string& a, const std::string& b) {
  std::error_code absent;
  return std::filesystem::equivalent(a, b, absent) || resolved(a) == resolved(b);
}

}  // namespace

Result<> keep_output_apart(const ElectorOptions& options) {
  struct Input {
    std::string_view flag;
    const std::string& path;
  };
  const std::array inputs = {
      Input{"config", options.config},
      Input{"leader-config", options.leader_config},
      Input{"prometheus.http-config", options.prometheus_http_config},
      Input{"kubeconfig", options.kubeconfig},
      Input{"etcd-cacert", options.etcd_cacert},
      Input{"etcd-cert", options.etcd_cert},
      Input{"etcd-key", options.etcd_key},
      Input{"etcd-password-file", options.etcd_password_file},
      Input{"lease-file", options.lease_file},
      Input{"gate-config", options.gate_config},
      Input{"web.config.file", options.web_config_file},
  };
  for (const std::string_view kept : {"", ".follower", ".elector-state", ".gate-state"}) {
    const std::string written = options.output + std::string(kept);
    for (const Input& input : inputs) {
      if (input.path.empty() || !are_same(written, input.path)) continue;
      return fail(Errc::invalid_input, "flag -output: {}, which is written, is the file of -{} too; write to another",
                  written, input.flag);
    }
  }
  return {};
}

}  // namespace promfleet
