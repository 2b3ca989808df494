#include <cstddef>
#include <cstdint>

#include "codec/remote_write/decode_fuzz_testing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace promfleet::remote_write;
  check_any_body({reinterpret_cast<const char*>(data), size}, plain::Reader::Version::v2, decode_v2, encode_v2);
  return 0;
}
