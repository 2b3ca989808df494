// Text that comes from outside may be no UTF-8; what we write has to be.
#pragma once

#include <cstddef>
#include <string_view>

namespace promfleet {

// U+FFFD, which stands for each byte that is part of no character.
inline constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";

// How many bytes the well-formed UTF-8 sequence at the start of `text` has (Unicode 15, table 3-7); 0 if there is none,
// an empty text included.
std::size_t utf8_length(std::string_view text);

// At most so many bytes from the start of `text`, without a part of a character at the end.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max);

}  // namespace promfleet
