// Any bytes as a web configuration: read within limits or refused with a reason, and the same again.
#include <cstddef>
#include <cstdint>

#include "core/base/assert.h"
#include "core/os/simulated_file_system.h"
#include "net/auth/web_config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace promfleet;
  SimulatedFileSystem files;
  ASSERT(files.replace("/web.yml", {reinterpret_cast<const char*>(data), size}, 0600));
  auth::Sources sources(files);
  const Result<auth::WebConfig> config = auth::load_web_config(sources, "/web.yml");
  ASSERT(sources.are_unchanged());
  if (config) return 0;
  ASSERT(config.error().message().starts_with("/web.yml") || size > auth::kSourceBytesMax);
  const Result<auth::WebConfig> again = auth::load_web_config(sources, "/web.yml");
  ASSERT(!again && again.error() == config.error());
  return 0;
}
