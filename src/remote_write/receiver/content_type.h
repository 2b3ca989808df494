// The Content-Type of a remote write, which tells its version.
#pragma once

#include <string_view>

#include "codec/remote_write/measurements.h"
#include "core/base/error.h"

namespace promfleet::remote_write {

// "application/x-protobuf" is of 1.0; a parameter `proto` names the message of either version. As RFC 9110 has it
// (sections 8.3.1 and 5.6.6), names of types and parameters compare without case, values may be quoted, and parameters
// that nobody knows are ignored. Errc::invalid_input, with a sentence for the sender.
Result<Version> parse_content_type(std::string_view field);

// As senders write it.
std::string_view content_type_of(Version version);

}  // namespace promfleet::remote_write
