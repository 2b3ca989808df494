// Whatever parses is written and parsed again as the same tree.
#include <cstddef>
#include <cstdint>

#include "codec/json/value.h"
#include "codec/json/writer.h"
#include "core/base/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace promfleet;
  const Result<json::Value> first = json::parse({reinterpret_cast<const char*>(data), size});
  if (!first) return 0;
  const std::string text = json::write(*first);
  const Result<json::Value> second = json::parse(text);
  ASSERT(second);
  ASSERT(json::write(*second) == text);
  return 0;
}
