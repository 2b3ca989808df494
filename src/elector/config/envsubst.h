// Fills environment variables into a configuration before it is read as YAML.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace promfleet::elector {

// The value of a variable; nullopt: it is not set. An empty value is a value.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

// Replaces each $(NAME) of letters, digits and underscores by its value, once: values are not looked at again. That is
// what prometheus-config-reloader does, and everything else, $NAME and ${NAME} too, stays as it is.
//
// invalid_input with line and column for a variable that is not set; limit_exceeded where the result would be longer
// than `bytes_max`.
Result<std::string> substitute_environment(std::string_view text, const Environment& environment,
                                           std::size_t bytes_max);

}  // namespace promfleet::elector
