#include "app/lease_backends.h"

#include <algorithm>
#include <filesystem>

#include "app/version.h"
#include "core/base/try.h"
#include "election/stores/etcd/etcd_access.h"
#include "election/stores/etcd/etcd_store.h"
#include "election/stores/etcd/gateway.h"
#include "election/stores/file/file_store.h"
#include "election/stores/kubernetes/kubernetes_store.h"
#include "kube/client.h"
#include "kube/in_cluster.h"
#include "kube/kubeconfig.h"
#include "net/stream/dialer.h"

namespace promfleet {

namespace {

// A function, since no object lives before main().
std::string user_agent() {
  return fmt::format("promfleet/{}", kVersion);
}

class FileBackend final : public LeaseBackendHandle {
 public:
  FileBackend(Runtime& runtime, FileWatcher& watcher, const ElectorOptions& options)
      : store_({.files = runtime.files, .watcher = watcher, .pool = runtime.pool, .clock = runtime.clock},
               options.lease_file) {}

  election::LeaseStore& store() override { return store_; }

 private:
  election::FileStore store_;
};

class KubernetesBackend final : public LeaseBackendHandle {
 public:
  KubernetesBackend(Runtime& runtime, kube::Access access, std::optional<net::TlsContext> tls,
                    const ElectorOptions& options)
      : dialer_(runtime.clock, runtime.vital_resolver, std::move(tls), net::kSmallRequestUnacknowledgedMax),
        client_({.dialer = dialer_, .clock = runtime.clock, .files = runtime.files}, std::move(access), user_agent()),
        store_(client_, options.lease_namespace, options.lease_name) {}

  election::LeaseStore& store() override { return store_; }

 private:
  net::NetworkDialer dialer_;
  kube::Client client_;
  election::KubernetesStore store_;
};

class EtcdBackend final : public LeaseBackendHandle {
 public:
  EtcdBackend(Runtime& runtime, election::EtcdAccess access, std::optional<net::TlsContext> tls,
              const ElectorOptions& options)
      : dialer_(runtime.clock, runtime.vital_resolver, std::move(tls), net::kSmallRequestUnacknowledgedMax),
        gateway_({.dialer = dialer_, .clock = runtime.clock, .files = runtime.files}, std::move(access), user_agent()),
        store_(gateway_, runtime.clock, options.lease_namespace, options.lease_name) {}

  election::LeaseStore& store() override { return store_; }

 private:
  net::NetworkDialer dialer_;
  election::etcd::Gateway gateway_;
  election::EtcdStore store_;
};

Result<kube::Access> kubernetes_access(Runtime& runtime, const ElectorOptions& options,
                                       const ProcessEnvironment& environment) {
  if (!options.kubeconfig.empty()) return kube::load_kubeconfig(runtime.files, options.kubeconfig);
  return kube::in_cluster(runtime.files, {.service_host = environment.get("KUBERNETES_SERVICE_HOST"),
                                          .service_port = environment.get("KUBERNETES_SERVICE_PORT")});
}

Result<std::unique_ptr<LeaseBackendHandle>> make_kubernetes(Runtime& runtime, const ElectorOptions& options,
                                                            const ProcessEnvironment& environment) {
  TRY_ASSIGN(kube::Access access, kubernetes_access(runtime, options, environment));
  std::optional<net::TlsContext> tls;
  if (access.server.is_tls) {
    TRY_ASSIGN(tls, net::TlsContext::client(access.tls, system_roots(environment)));
  }
  return std::make_unique<KubernetesBackend>(runtime, std::move(access), std::move(tls), options);
}

Result<std::unique_ptr<LeaseBackendHandle>> make_etcd(Runtime& runtime, const ElectorOptions& options,
                                                      const ProcessEnvironment& environment) {
  TRY_ASSIGN(election::EtcdAccess access,
             election::read_etcd_access(runtime.files, {.endpoints = options.etcd_endpoints,
                                                        .cacert = options.etcd_cacert,
                                                        .cert = options.etcd_cert,
                                                        .key = options.etcd_key,
                                                        .user = options.etcd_user,
                                                        .password_file = options.etcd_password_file}));
  std::optional<net::TlsContext> tls;
  const auto is_tls = [](const http::Origin& endpoint) { return endpoint.is_tls; };
  if (std::ranges::any_of(access.endpoints, is_tls)) {
    TRY_ASSIGN(tls, net::TlsContext::client(access.tls, system_roots(environment)));
  }
  return std::make_unique<EtcdBackend>(runtime, std::move(access), std::move(tls), options);
}

}  // namespace

Result<std::unique_ptr<LeaseBackendHandle>> make_lease_backend(Runtime& runtime, FileWatcher& watcher,
                                                               const ElectorOptions& options,
                                                               const ProcessEnvironment& environment) {
  switch (options.backend()) {
    case LeaseBackend::kubernetes: return make_kubernetes(runtime, options, environment);
    case LeaseBackend::etcd: return make_etcd(runtime, options, environment);
    case LeaseBackend::file: break;
  }
  return std::make_unique<FileBackend>(runtime, watcher, options);
}

std::string group_of(const ElectorOptions& options) {
  std::string name = options.lease_name;
  if (name.empty()) name = std::filesystem::path(options.lease_file).filename().string();
  return options.lease_namespace.empty() ? name : options.lease_namespace + "/" + name;
}

std::string describe_lease(const ElectorOptions& options) {
  if (options.backend() == LeaseBackend::file) {
    return fmt::format("file: {}", std::filesystem::absolute(options.lease_file).string());
  }
  return fmt::format("{}: {}/{}", options.lease_backend, options.lease_namespace, options.lease_name);
}

}  // namespace promfleet
