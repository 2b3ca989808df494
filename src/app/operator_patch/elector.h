// The elector beside a Prometheus of the operator: its containers, and the objects that it needs.
//
// The operator fixes what Prometheus reads (/etc/prometheus/config_out/prometheus.env.yaml), and config-reloader
// writes that file. But it merges our containers into its own, volume mounts by their path: so Prometheus gets a volume
// of ours at that path, which the elector writes, and config-reloader goes on writing the operator's, which nobody
// reads. docs/adr/0025-operator-gets-another-volume.md
#pragma once

#include <string>
#include <vector>

#include "app/operator_patch/object.h"
#include "codec/yaml/node.h"

namespace promfleet::operator_patch {

inline constexpr std::string_view kOutputVolume = "promfleet-config-out";
inline constexpr std::string_view kOutputFolder = "/etc/prometheus/config_out";

enum class LeaderProxy { off, on };

// What the user says beside the object.
struct Options {
  std::string image;
  std::string leader_config_secret;    // its key leader.yaml; empty: STEM-leader
  std::string gate_config_secret;      // its key gate.yaml; empty: no gate
  std::string lease_name;              // empty: STEM-shard-NUMBER
  std::string namespace_name;          // where the object names none
  std::vector<std::string> arguments;  // further flags of the elector
  LeaderProxy proxy = LeaderProxy::off;
};

// "prometheus-k8s-leader"
std::string leader_secret(const Object& object, const Options& options);

// Volumes by name, as mappings: {name: ..., emptyDir: ...}.
std::vector<yaml::Node> volumes(const Object& object, const Options& options);

// In this order among the init containers: the one that writes the first file, then the sidecar.
std::vector<yaml::Node> init_containers(const Object& object, const Options& options);

// Role and RoleBinding, and what the elector has to know of TLS.
std::vector<yaml::Node> documents(const Object& object, const Options& options);

}  // namespace promfleet::operator_patch
