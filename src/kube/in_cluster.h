// Access to the API server from within a pod, as the kubelet prepares it.
#pragma once

#include <string>

#include "core/base/error.h"
#include "core/os/file_system.h"
#include "kube/access.h"

namespace promfleet::kube {

struct PodEnvironment {
  std::string service_host;  // $KUBERNETES_SERVICE_HOST
  std::string service_port;  // $KUBERNETES_SERVICE_PORT
  std::string service_account_folder = "/var/run/secrets/kubernetes.io/serviceaccount";
};

// Errc::invalid_input: not in a pod, or a pod without a service account's token; the message says what to do.
Result<Access> in_cluster(FileSystem& files, const PodEnvironment& pod);

}  // namespace promfleet::kube
