// The Prometheus Operator keeps its configuration compressed: prometheus.yaml.gz.
#pragma once

#include <string>

#include "core/base/error.h"

namespace promfleet::elector {

// `bytes` as they are, unless they begin as gzip (RFC 1952) does: then what they hold, all members one after the other.
//
// invalid_input where the data is damaged, ends early or is followed by something else; limit_exceeded where more than
// `bytes_max` would come out.
Result<std::string> gunzip_if_gzipped(std::string bytes, std::size_t bytes_max);

}  // namespace promfleet::elector
