// Hides what a URL must not give away where people look: user information and query.
#pragma once

#include <string>
#include <string_view>

namespace promfleet::elector {

// Stands for what is hidden.
inline constexpr std::string_view kHidden = "<secret>";

// `value` with these parts of its URL hidden, if it is one. Where an @ leaves it open what belongs to a password,
// everything before the last one is hidden.
std::string without_url_secrets(std::string_view value);

// The same for each URL in a sentence. One that stands in quotes ends with them, another at the next blank.
std::string without_secrets_of_urls(std::string_view sentence);

}  // namespace promfleet::elector
