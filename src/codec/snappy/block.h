// Snappy's block format: one piece of bytes whose length stands before it, as remote write carries it.
// Source: format_description.txt of google/snappy.
//
// Not the framing format, which is a stream of such blocks with checksums.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace promfleet::snappy {

// Puts what `compressed` holds in the place of `out`, whose memory is used again. Nothing is allocated before the
// length that the block claims has been found to be possible and at most `bytes_max`. Errc::limit_exceeded: it claims
// more. Errc::invalid_input: it is damaged, and `out` holds anything.
Result<void> decompress(std::string_view compressed, std::size_t bytes_max, std::string& out);

// Puts the block of `bytes`, at most 4 GiB, in the place of `out`.
void compress(std::string_view bytes, std::string& out);

}  // namespace promfleet::snappy
