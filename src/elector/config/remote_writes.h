// The remote_write queues that a Prometheus configuration asks for.
#pragma once

#include <string>
#include <vector>

#include "codec/yaml/node.h"
#include "core/base/error.h"

namespace promfleet::elector {

struct RemoteWrite {
  std::string name;  // empty: Prometheus names the queue itself
  std::string url;

  bool operator==(const RemoteWrite&) const = default;
};

// In the order of `config`, a whole Prometheus configuration. An entry that is not a mapping is left out: Prometheus
// will refuse it in its own words. invalid_input with the position of what has another type than Prometheus wants.
Result<std::vector<RemoteWrite>> remote_writes(const yaml::Node& config);

}  // namespace promfleet::elector
