// What the author of an object is told beside the patched one.
#pragma once

#include <string>
#include <vector>

#include "app/operator_patch/elector.h"

namespace promfleet::operator_patch {

// Errc::invalid_input for what the user asks for and this object cannot have.
Result<> check(const Object& object, const Options& options);

// The operator gives each member an external label of its own unless the object says otherwise. Thanos needs it.
bool is_replica_label_to_be_cleared(const Object& object);

std::vector<std::string> notes(const Object& object, const Options& options);

// The Secret of what leadership adds as a comment: whoever applies the text again must not lose what is in the real
// one.
std::string secret_to_be_created(const Object& object, const Options& options);

}  // namespace promfleet::operator_patch
