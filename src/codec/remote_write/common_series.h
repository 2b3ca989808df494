// The shape in which nearly every series of every sender comes, recognised at a glance: it is what makes decoding fast.
// Whatever has another shape, or is damaged, is left to the readers that know all of protobuf; a body decodes to the
// same without this file.
#pragma once

#include <string_view>

#include "codec/remote_write/write_request.h"

namespace promfleet::remote_write {

// Puts the series of 1.0 that begin at `at` behind what `columns` hold, as long as they have that shape, and returns
// where the first other field begins, or `end`: fields of number 1, each of labels and then one sample, with nothing
// left away but a value of 0, no label of more than 127 bytes, and a timestamp between 1971 and 2109.
const char* read_common_series(const char* at, const char* end, Columns& columns);

// A sample of either version of that shape, and without a start timestamp; false for another.
bool read_common_sample(std::string_view message, Sample& sample);

}  // namespace promfleet::remote_write
