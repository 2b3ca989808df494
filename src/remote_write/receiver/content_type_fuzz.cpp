// What is accepted stays so, and of the same version, when a parameter that nobody knows is added.
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/base/assert.h"
#include "remote_write/receiver/content_type.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace promfleet::remote_write;
  const std::string field(reinterpret_cast<const char*>(data), size);
  const auto version = parse_content_type(field);
  if (version) ASSERT(parse_content_type(field + " ; a=\"\\;\"") == version);
  return 0;
}
