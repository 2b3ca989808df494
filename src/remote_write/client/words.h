// What a receiver says of a failure, fit for a log line and a status page.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace promfleet::remote_write {

inline constexpr std::size_t kWordsBytesMax = 512;

// The beginning of `text`, at most so many bytes, on one line: blanks and control characters become single blanks. Each
// `secret` in it is hidden, unless that is empty.
std::string shown_words(std::string_view text, std::string_view secret);

}  // namespace promfleet::remote_write
