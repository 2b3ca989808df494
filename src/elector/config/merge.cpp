#include "elector/config/merge.h"

#include <string>
#include <string_view>
#include <unordered_map>

#include "core/base/assert.h"
#include "core/base/try.h"

namespace promfleet::elector {
namespace {

// `path` names the value for people: "global.external_labels".
Result<> lay_over(yaml::Node& below, const yaml::Node& above, const std::string& path);

Result<> lay_mapping_over(yaml::Mapping& below, const yaml::Mapping& above, const std::string& path) {
  std::unordered_map<std::string_view, yaml::Node*> values;  // of `below`, which stays as long as these are used
  for (yaml::Entry& entry : below) values.emplace(entry.name(), &entry.value);
  yaml::Mapping additions;
  for (const yaml::Entry& entry : above) {
    const auto found = values.find(entry.name());
    if (found == values.end()) {
      additions.push_back(entry);
    } else {
      TRY(lay_over(*found->second, entry.value, path.empty() ? entry.name() : path + "." + entry.name()));
    }
  }
  below.insert(below.end(), additions.begin(), additions.end());
  return {};
}

Result<> lay_over(yaml::Node& below, const yaml::Node& above, const std::string& path) {
  if (below.mapping() != nullptr && above.mapping() != nullptr) {
    return lay_mapping_over(std::get<yaml::Mapping>(below.value), *above.mapping(), path);
  }
  if (above.sequence() == nullptr || below.is_null()) {
    below = above;
    return {};
  }
  if (below.sequence() == nullptr) {
    return yaml::fail_at(above.mark, "{} is a sequence for the leader, but {} for the follower (line {})",
                         yaml::shown(path), below.kind(), below.mark.line);
  }
  yaml::Sequence& items = std::get<yaml::Sequence>(below.value);
  items.insert(items.end(), above.sequence()->begin(), above.sequence()->end());
  return {};
}

}  // namespace

Result<yaml::Node> merge(yaml::Node follower, const yaml::Node& leader) {
  ASSERT(follower.mapping() != nullptr && leader.mapping() != nullptr);
  TRY(lay_over(follower, leader, ""));
  return follower;
}

}  // namespace promfleet::elector
