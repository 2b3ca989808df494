// What of a Prometheus or PrometheusAgent object of the Prometheus Operator decides how an elector is put beside it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "codec/yaml/node.h"

namespace promfleet::operator_patch {

struct Object {
  std::string name;
  std::string namespace_name;
  std::string stem;               // how the operator names what it makes of it: "prometheus-k8s"
  std::string governing_service;  // under which its pods have names
  std::string service_account;
  std::string url;  // of its Prometheus, inside the pod: "http://127.0.0.1:9090/prefix"
  int shards = 1;
  int replicas = 1;
  std::optional<std::string> user_id;        // that its pods run as; nullopt: as the images say
  std::optional<std::string> replica_label;  // "": none; nullopt: the operator's own
  std::optional<std::string> client_auth;    // what its Prometheus asks of clients' certificates
  bool is_tls = false;
  bool is_local = false;  // its Prometheus listens on loopback alone
  bool has_remote_write = false;
  bool has_thanos = false;
};

// `namespace_name`: where the object names none. Errors are invalid_input where the text is not such an object, and
// unsupported where no elector can work beside it: one sentence each.
Result<Object> read_object(const yaml::Node& root, const std::string& namespace_name);

}  // namespace promfleet::operator_patch
