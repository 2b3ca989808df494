// Base64 with the standard alphabet and padding (RFC 4648 section 4).
#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"

namespace promfleet::base64 {

std::string encode(std::string_view bytes);

// Line breaks are skipped, as in the PEM and YAML that carry it. Errc::invalid_input never repeats the text: it is
// often a key.
Result<std::string> decode(std::string_view text);

}  // namespace promfleet::base64
