// What a server says of a failure, fit for a log line and a status page.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "net/http/message.h"

namespace promfleet::http {

inline constexpr std::size_t kWordsBytesMax = 512;

// What no text may repeat although the server may. An empty one hides nothing.
using Secrets = std::vector<std::string>;

// The credentials of Authorization, without their scheme.
Secrets credentials_of(const Fields& sent);

// `text` with each of `secrets` hidden.
std::string without_secrets(std::string_view text, const Secrets& secrets);

// The beginning of that, at most kWordsBytesMax, on one line: blanks and control characters become single blanks.
std::string shown_words(std::string_view text, const Secrets& secrets);

}  // namespace promfleet::http
