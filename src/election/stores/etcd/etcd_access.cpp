#include "election/stores/etcd/etcd_access.h"

#include <algorithm>

#include "core/base/try.h"

namespace promfleet::election {
namespace {

Result<http::Origin> read_endpoint(std::string_view text) {
  Result<http::Url> url = http::parse_url(text);
  if (!url) return std::unexpected(std::move(url).error().with_context("-etcd-endpoints"));
  if (url->target != "/") return fail(Errc::invalid_input, "-etcd-endpoints: \"{}\" has a path", text);
  return url->origin;
}

Result<std::vector<http::Origin>> read_endpoints(std::string_view list) {
  std::vector<http::Origin> endpoints;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    TRY_ASSIGN(http::Origin endpoint, read_endpoint(list.substr(0, comma)));
    endpoints.push_back(std::move(endpoint));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  if (endpoints.empty()) {
    return fail(Errc::invalid_input,
                "-etcd-endpoints is missing: give URLs such as https://etcd-0:2379,https://etcd-1:2379");
  }
  return endpoints;
}

Result<net::Pem> read_flag_pem(FileSystem& files, std::string_view flag, const std::string& path) {
  Result<net::Pem> pem = net::read_pem(files, path);
  if (!pem) return fail(Errc::invalid_input, "{}: {}", flag, pem.error().message());
  return pem;
}

}  // namespace

Result<EtcdAccess> read_etcd_access(FileSystem& files, const EtcdFlags& flags) {
  EtcdAccess access;
  TRY_ASSIGN(access.endpoints, read_endpoints(flags.endpoints));
  const bool has_tls = !flags.cacert.empty() || !flags.cert.empty() || !flags.key.empty();
  if (has_tls && std::ranges::none_of(access.endpoints, &http::Origin::is_tls)) {
    return fail(Errc::invalid_input,
                "-etcd-cacert, -etcd-cert and -etcd-key are for https:// endpoints; there is none in -etcd-endpoints");
  }
  if (flags.cert.empty() != flags.key.empty()) {
    return fail(Errc::invalid_input, "-etcd-cert and -etcd-key belong together: give both or neither");
  }
  if (flags.user.empty() != flags.password_file.empty()) {
    return fail(Errc::invalid_input, "-etcd-user and -etcd-password-file belong together: give both or neither");
  }
  if (!flags.cacert.empty()) {
    TRY_ASSIGN(access.tls.ca, read_flag_pem(files, "-etcd-cacert", flags.cacert));
  }
  if (!flags.cert.empty()) {
    TRY_ASSIGN(net::Pem certificates, read_flag_pem(files, "-etcd-cert", flags.cert));
    TRY_ASSIGN(net::Pem key, read_flag_pem(files, "-etcd-key", flags.key));
    access.tls.identity = {.certificates = std::move(certificates), .key = std::move(key)};
  }
  if (!flags.user.empty()) access.login = {.user = flags.user, .password_file = flags.password_file};
  return access;
}

}  // namespace promfleet::election
