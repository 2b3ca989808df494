// The output is not one of the inputs: what is written would be gone with what it is made from.
#pragma once

#include "app/elector_options.h"

namespace promfleet {

// Errc::invalid_input, with the flag of the input, where -output or a file that the elector keeps beside it is a file
// that is read or shared too: by the same path, by another spelling of it or through a link. Nothing is touched.
Result<> keep_output_apart(const ElectorOptions& options);

}  // namespace promfleet
