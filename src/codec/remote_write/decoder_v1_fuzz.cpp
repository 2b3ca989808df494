#include <cstddef>
#include <cstdint>

#include "codec/remote_write/decode_fuzz_testing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace promfleet::remote_write;
  check_any_body({reinterpret_cast<const char*>(data), size}, plain::Reader::Version::v1, decode_v1, encode_v1);
  return 0;
}
