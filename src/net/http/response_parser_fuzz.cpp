// However the bytes of a response arrive, the parser makes the same of them.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/assert.h"
#include "net/http/parser_testing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using promfleet::http::Response;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto whole = promfleet::http::parse<Response>(input, size + 1);
  for (const std::size_t step : {1, 7}) {
    const auto pieces = promfleet::http::parse<Response>(input, step);
    ASSERT(pieces.rejection.has_value() == whole.rejection.has_value());
    ASSERT(pieces.body == whole.body || whole.rejection);
    ASSERT(pieces.is_done == whole.is_done);
    ASSERT(pieces.rest == whole.rest || whole.rejection);
    ASSERT(pieces.message.fields.size() == whole.message.fields.size() || whole.rejection);
  }
  return 0;
}
