// The gate's configuration file: Prometheus' remote_write list with a few keys of ours. docs/gate.md explains each.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "codec/remote_write/measurements.h"
#include "core/base/error.h"
#include "core/base/time.h"
#include "net/auth/http_client_config.h"
#include "net/auth/sources.h"
#include "net/http/origin.h"
#include "net/tls/context.h"

namespace promfleet::elector {

// One of Prometheus' queues, and where what it writes goes.
struct GateEntry {
  std::string name;  // of the stream; the same for all members of a group
  std::string path;  // where Prometheus writes it to
  http::Url url;
  std::string group;
  Duration remote_timeout = 30s;
  std::chrono::milliseconds lateness = 90s;
  Duration hold = 25s;
  std::size_t held_bytes_max = std::size_t{64} << 20;
  std::vector<std::string> drop_labels;
  std::optional<remote_write::Version> version;  // nullopt: as Prometheus sends it
  auth::HttpClientConfig client;
};

// Names of streams and paths are each unique, and what leads to the same URL and group has the same lateness.
struct GateConfig {
  std::vector<GateEntry> entries;  // at least one
};

// Reads `path` and the files that it names, relative ones from its own folder. Errors name the file and the position,
// and never repeat a secret. `group` is what an entry without one belongs to.
Result<GateConfig> load_gate_config(auth::Sources& sources, const std::string& path, const std::string& group,
                                    const net::SystemRoots& roots);

// Whether what they write meets at one receiver: the entries are streams of one destination.
bool have_same_destination(const GateEntry& a, const GateEntry& b);

// Whether a gate that runs with `former` can go on with `changed`: entries lead where they did.
bool has_same_streams(const GateConfig& former, const GateConfig& changed);

}  // namespace promfleet::elector
