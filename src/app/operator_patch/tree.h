// Builds and edits YAML trees as Kubernetes' objects are: mappings, and lists whose items have a name.
//
//   TRY_ASSIGN(yaml::Mapping* const spec, mapping_in(object, "spec"));
//   TRY_ASSIGN(yaml::Sequence* const volumes, sequence_in(*spec, "volumes"));
//   TRY_ASSIGN(yaml::Mapping* const volume, item_of(*volumes, "name", "config-out"));
//   set(*volume, "emptyDir", map({}));
//
// A pointer is good until its parent grows.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/yaml/node.h"

namespace promfleet::operator_patch {

// A string, quoted where YAML would read something else.
yaml::Node text(std::string value);
// A number or a boolean, as it stands.
yaml::Node literal(std::string_view value);
yaml::Node map(std::initializer_list<std::pair<std::string_view, yaml::Node>> entries);
yaml::Node list(std::vector<yaml::Node> items);

yaml::Node* find(yaml::Mapping& mapping, std::string_view key);

// Puts `value` in the place of what `key` had, or behind the other keys.
void set(yaml::Mapping& mapping, std::string_view key, yaml::Node value);

// The same for each key of `values`, which is a mapping; other keys stay.
void set_all(yaml::Mapping& mapping, yaml::Node values);

// Does nothing where there is no such key.
void remove(yaml::Mapping& mapping, std::string_view key);

// The collection at `key`, made where there is none or null. Errc::invalid_input when something else stands there.
Result<yaml::Mapping*> mapping_in(yaml::Mapping& mapping, std::string_view key);
Result<yaml::Sequence*> sequence_in(yaml::Mapping& mapping, std::string_view key);

// The item whose `key` is `name`, appended where there is none. Errc::invalid_input when an item is no mapping.
Result<yaml::Mapping*> item_of(yaml::Sequence& items, std::string_view key, std::string_view name);

}  // namespace promfleet::operator_patch
