// A request as the body that Prometheus would send for it, byte for byte: fields by number, zeros left away, what a
// histogram came with kept. One exception: a value of -0, which Go's encoder turns into 0, stays.
#pragma once

#include <cstddef>
#include <string>

#include "codec/remote_write/write_request.h"
#include "core/base/error.h"

namespace promfleet::remote_write {

struct EncodeLimits {
  // Symbols that many labels share are written once by 2.0 but for each of them by 1.0, so a small body can become a
  // large one.
  std::size_t bytes_max = 64 * 1024 * 1024;
};

// Puts the body in the place of `out`, whose memory is used again. Errc::limit_exceeded: it would be larger than
// allowed; nothing was allocated for it.
//
// What version 1.0 has no field for is left away: start timestamps and the metadata of a series.
Result<void> encode_v1(const WriteRequest& request, std::string& out, EncodeLimits limits = {});

// Of version 2.0. Symbols in the order of their first use: series by series the help, the unit, the labels, those of
// exemplars. The metadata of families() is left away, since here it belongs to a series.
Result<void> encode_v2(const WriteRequest& request, std::string& out, EncodeLimits limits = {});

}  // namespace promfleet::remote_write
