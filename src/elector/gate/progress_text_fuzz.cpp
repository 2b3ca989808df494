// Whatever can be read of a lease's annotation can be told again, to the same effect.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/assert.h"
#include "elector/gate/progress_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace promfleet::elector;
  const auto progress = parse_progress({reinterpret_cast<const char*>(data), size});
  if (progress) ASSERT(parse_progress(format_progress(*progress)) == *progress);
  return 0;
}
