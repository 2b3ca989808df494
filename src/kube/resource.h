// Names objects of the API: what the paths of requests and the words of messages are made from.
#pragma once

#include <string>
#include <string_view>

namespace promfleet::kube {

// A kind of namespaced objects, by its plural.
struct ResourceType {
  std::string_view group;
  std::string_view version;
  std::string_view plural;
  std::string_view verbs;  // what a Role of ours grants
};

inline constexpr ResourceType kLeases = {
    .group = "coordination.k8s.io", .version = "v1", .plural = "leases", .verbs = "get, list, watch, create, update"};

struct ObjectName {
  ResourceType type;
  std::string name_space;
  std::string name;
};

// "/apis/coordination.k8s.io/v1/namespaces/infra/leases" and with "/prometheus", escaped where need be.
std::string collection_path(const ObjectName& object);
std::string object_path(const ObjectName& object);

// `text` as part of a path or query: everything but unreserved characters in %XX (RFC 3986 section 2).
std::string percent_encoded(std::string_view text);

// "leases/prometheus in namespace infra".
std::string to_string(const ObjectName& object);

}  // namespace promfleet::kube
