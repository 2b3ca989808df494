#include "kube/resource.h"

#include <fmt/format.h>

namespace promfleet::kube {
namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

}  // namespace

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (is_unreserved(c)) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

std::string collection_path(const ObjectName& object) {
  return fmt::format("/apis/{}/{}/namespaces/{}/{}", object.type.group, object.type.version,
                     percent_encoded(object.name_space), object.type.plural);
}

std::string object_path(const ObjectName& object) {
  return fmt::format("{}/{}", collection_path(object), percent_encoded(object.name));
}

std::string to_string(const ObjectName& object) {
  return fmt::format("{}/{} in namespace {}", object.type.plural, object.name, object.name_space);
}

}  // namespace promfleet::kube
