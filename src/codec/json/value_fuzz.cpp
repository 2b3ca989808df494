// Whatever parses is written and parsed again; as the same tree, but for the last digit of floating-point numbers.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "codec/json/writer.h"
#include "core/base/assert.h"

namespace {

using namespace promfleet;

// Numbers of any kind count as equal; one too large for a double is written as null.
bool same_shape(const json::Value& a, const json::Value& b) {
  if (a.is_double() && !std::isfinite(a.get_double())) return b.is_null();
  if (a.is_number() || b.is_number()) return a.is_number() && b.is_number();
  if (a.is_array() && b.is_array()) {
    return std::ranges::equal(a.get_array(), b.get_array(), same_shape);
  }
  if (a.is_object() && b.is_object()) {
    return std::ranges::equal(a.get_object(), b.get_object(), [](const auto& left, const auto& right) {
      return left.key() == right.key() && same_shape(left.value(), right.value());
    });
  }
  return a == b;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Result<json::Value> first = json::parse({reinterpret_cast<const char*>(data), size});
  if (!first) return 0;
  const Result<json::Value> second = json::parse(json::write(*first));
  ASSERT(second && same_shape(*first, *second));
  return 0;
}
