// A configuration that is accepted keeps what its header promises; one that is not is told with the file's name.
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "core/base/assert.h"
#include "core/os/simulated_file_system.h"
#include "elector/gate/gate_config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace promfleet;
  SimulatedFileSystem files;
  ASSERT(files.replace("/gate.yaml", {reinterpret_cast<const char*>(data), size}, 0600).has_value());
  auth::Sources sources(files);
  const auto config = elector::load_gate_config(sources, "/gate.yaml", "ns/name", {});
  if (!config) {
    ASSERT(config.error().message().contains("gate.yaml"));
    return 0;
  }
  ASSERT(!config->entries.empty());
  std::set<std::string> names;
  std::set<std::string> paths;
  for (const elector::GateEntry& entry : config->entries) {
    ASSERT(names.insert(entry.name).second && paths.insert(entry.path).second);
    for (const elector::GateEntry& other : config->entries) {
      ASSERT(!have_same_destination(entry, other) || entry.lateness == other.lateness);
    }
  }
  ASSERT(elector::has_same_streams(*config, *config));
  return 0;
}
