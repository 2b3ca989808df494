// Whatever can be read as a lease is written over itself and read again as the same record.
#include <cstddef>
#include <cstdint>

#include "core/base/assert.h"
#include "election/stores/lease_document.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace promfleet::election;
  auto document = parse_document({reinterpret_cast<const char*>(data), size});
  if (!document) return 0;
  const auto record = read_record(*document);
  if (!record) return 0;
  write_record(*record, *document);
  ASSERT(read_record(*document) == record);
  return 0;
}
