#include "kube/in_cluster.h"

#include "core/base/try.h"

namespace promfleet::kube {
namespace {

std::unexpected<Error> not_in_cluster(std::string_view what) {
  return fail(Errc::invalid_input, "{}: outside of a pod with a service account, give -kubeconfig", what);
}

}  // namespace

Result<Access> in_cluster(FileSystem& files, const PodEnvironment& pod) {
  if (pod.service_host.empty() || pod.service_port.empty()) {
    return not_in_cluster("KUBERNETES_SERVICE_HOST or KUBERNETES_SERVICE_PORT is not set");
  }
  const bool needs_brackets = pod.service_host.contains(':') && !pod.service_host.starts_with('[');
  const std::string host = needs_brackets ? fmt::format("[{}]", pod.service_host) : pod.service_host;
  Result<http::Url> url = http::parse_url(fmt::format("https://{}:{}", host, pod.service_port));
  if (!url) return std::unexpected(std::move(url).error().with_context("KUBERNETES_SERVICE_HOST and _PORT"));

  const Result<net::Pem> ca = net::read_pem(files, pod.service_account_folder + "/ca.crt");
  if (!ca) return not_in_cluster(ca.error().message());
  Access access{.server = url->origin, .base_path = "", .tls = {}, .credentials = {}};
  access.tls.ca = *ca;
  access.credentials = TokenFile{pod.service_account_folder + "/token"};
  return access;
}

}  // namespace promfleet::kube
