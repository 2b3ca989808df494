// Any bytes: parse() ends within its limits, and what it accepts survives emit() unchanged.
#include <cstdint>

#include "codec/yaml/emit.h"
#include "codec/yaml/parse.h"
#include "core/base/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace promfleet::yaml;
  const Limits limits{.depth_max = 50, .nodes_max = 10'000, .expanded_bytes_max = 1 << 20};
  const auto tree = parse({reinterpret_cast<const char*>(data), size}, limits);
  if (!tree) return 0;
  const std::string text = emit(*tree);
  const auto again = parse(text);
  ASSERT(again.has_value());
  ASSERT(*again == *tree);
  ASSERT(emit(*again) == text);
  return 0;
}
