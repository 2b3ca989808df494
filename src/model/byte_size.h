// Sizes as Prometheus writes them in its configuration and flags: "512MB", "64MiB", "1GB".
// Source: alecthomas/units, Base2Bytes.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/base/error.h"

namespace promfleet {

// A whole number of bytes, with one of the units B, KB, MB, GB, TB or KiB, MiB, GiB, TiB, of which each is 1024 times
// the one before; 0 needs no unit, and neither does any other number. Errc::invalid_input for anything else, and for
// what 63 bits do not hold.
Result<std::size_t> parse_byte_size(std::string_view text);

}  // namespace promfleet
