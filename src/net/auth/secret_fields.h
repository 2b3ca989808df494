// Reading YAML that holds secrets, so that no error repeats one: a forgotten colon makes a key of a password, an
// exclamation mark a tag.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "codec/yaml/fields.h"
#include "core/base/error.h"

namespace promfleet::auth {

// yaml::parse(); what its errors quote is left out.
Result<yaml::Node> parse_secretive(std::string_view text);

// yaml::Fields::only(), without the key that is unknown.
Result<> only_known(const yaml::Fields& fields, std::span<const std::string_view> known);
inline Result<> only_known(const yaml::Fields& fields, std::initializer_list<std::string_view> known) {
  return only_known(fields, std::span(known.begin(), known.size()));
}

// yaml::as_string(), without the tag that is wrong.
Result<std::string> as_secret(const yaml::Node& node);

// The field `key`, which may hold a secret or the name of a file. Empty counts as absent, as in Prometheus.
Result<std::optional<std::string>> secret(const yaml::Fields& fields, std::string_view key);

// Where `key` stands, else where its mapping begins.
yaml::Mark mark_of(const yaml::Fields& fields, std::string_view key);

}  // namespace promfleet::auth
