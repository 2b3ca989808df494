#include "elector/config/remote_writes.h"

#include "codec/yaml/fields.h"
#include "core/base/try.h"

namespace promfleet::elector {

Result<std::vector<RemoteWrite>> remote_writes(const yaml::Node& config) {
  TRY_ASSIGN(const yaml::Fields fields, yaml::Fields::of(config));
  TRY_ASSIGN(const std::span<const yaml::Node> entries, fields.sequence("remote_write"));
  std::vector<RemoteWrite> writes;
  for (const yaml::Node& entry : entries) {
    const Result<yaml::Fields> write = yaml::Fields::of(entry);
    if (!write) continue;
    TRY_ASSIGN(const std::optional<std::string> name, write->string("name"));
    TRY_ASSIGN(const std::optional<std::string> url, write->string("url"));
    writes.push_back({.name = name.value_or(""), .url = url.value_or("")});
  }
  return writes;
}

}  // namespace promfleet::elector
