// What is left of a request when some of its samples are not to be stored.
#pragma once

#include <span>

#include "codec/remote_write/write_request.h"
#include "remote_write/fence/rules.h"

namespace promfleet::remote_write {

// Puts it in the place of what `kept` held. `verdicts`: of each series its samples, then its histograms. Exemplars and
// metadata stay; a series that is left with neither these nor samples is left out.
void copy_kept(const WriteRequest& request, std::span<const Verdict> verdicts, WriteRequest& kept);

}  // namespace promfleet::remote_write
