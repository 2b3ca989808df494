// Backends of the conformance suite whose store is a real server. All tests use one lease, which each finds deleted.
#pragma once

#include <memory>
#include <string>

#include "election/stores/etcd/etcd_access.h"
#include "election/stores/store_backend_testing.h"

namespace promfleet::election {

std::unique_ptr<DocumentBackend> make_etcd_backend(const EtcdFlags& flags);

struct KubernetesTarget {
  std::string kubeconfig;        // of the members
  std::string admin_kubeconfig;  // of whoever deletes and edits the lease
  std::string name_space;
  std::string name;
};
std::unique_ptr<DocumentBackend> make_kubernetes_backend(const KubernetesTarget& target);

}  // namespace promfleet::election
