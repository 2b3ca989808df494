// From the files that an elector is given to the Prometheus configuration of each role.
//
// Two shapes of input: one file with the sections `follower` and `leader`; or a whole Prometheus configuration, such as
// the Prometheus Operator generates, with a second one that is laid over it on the leader. Either way every file may be
// compressed with gzip, may name environment variables, and is YAML. docs/format/configuration.md is the user's view.
//
// Pure: reads no file and no environment. Errors begin with the name of the file: "elector.yaml: line 3, column 1:
// ..."; positions are those after decompression and substitution.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "elector/config/envsubst.h"
#include "elector/config/remote_writes.h"

namespace promfleet::elector {

struct ConfigInput {
  std::string name;  // for messages
  std::string bytes;
};

struct RoleConfigs {
  std::string follower;          // what Prometheus gets from a follower
  std::string leader;            // and from the leader; the same where leadership adds nothing
  std::string leader_additions;  // describe_leader_additions(); empty where leadership adds nothing
  std::vector<RemoteWrite> follower_writes;
  std::vector<RemoteWrite> leader_writes;  // those of the follower too
  std::vector<std::string> warnings;       // accepted, but hardly what was meant

  bool operator==(const RoleConfigs&) const = default;
};

// An `environment` that holds no function leaves $(NAME) as it is.
//
// A file with `follower`, a Prometheus configuration, and `leader`, which may be absent or empty. No other key.
Result<RoleConfigs> build_two_section(const ConfigInput& input, const Environment& environment);

// `config` is a whole Prometheus configuration, the follower's. `leader` may be absent or empty.
Result<RoleConfigs> build_operator(const ConfigInput& config, const std::optional<ConfigInput>& leader,
                                   const Environment& environment);

}  // namespace promfleet::elector
