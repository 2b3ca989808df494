// Lays the leader's part of a configuration over the follower's.
//
// The rules are those of the Go elector (mergo with override and append), so that a file means the same under both:
// mappings are merged key by key, sequences of the leader are appended, any other value of the leader replaces the
// follower's, null too. docs/format/configuration.md has the table.
#pragma once

#include "codec/yaml/node.h"

namespace promfleet::elector {

// Both are mappings. Keys keep the follower's order; those that only the leader has come after.
//
// The only error, invalid_input with a position in the leader's text: a sequence over something else than a sequence or
// null. An empty sequence or mapping over one of its kind changes nothing.
Result<yaml::Node> merge(yaml::Node follower, const yaml::Node& leader);

}  // namespace promfleet::elector
