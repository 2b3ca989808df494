// Any bytes: decompress() stays within its limit, and what it gives survives compress().
#include <cstdint>

#include "codec/snappy/block.h"
#include "core/base/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace promfleet::snappy;
  constexpr std::size_t kBytesMax = 1 << 20;
  std::string bytes;
  if (!decompress({reinterpret_cast<const char*>(data), size}, kBytesMax, bytes)) return 0;
  ASSERT(bytes.size() <= kBytesMax);
  std::string block;
  compress(bytes, block);
  std::string again;
  ASSERT(decompress(block, kBytesMax, again).has_value());
  ASSERT(again == bytes);
  return 0;
}
