// Any object: no crash; what has been patched and is patched again stays as it is.
#include <cstddef>
#include <cstdint>
#include <string>

#include "app/operator_patch/patch.h"
#include "core/base/assert.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace promfleet;
  const operator_patch::Options options{.image = "image", .namespace_name = "here"};
  const auto once = operator_patch::patch({reinterpret_cast<const char*>(bytes), size}, options);
  if (!once) return 0;
  const std::string object = once->text.substr(0, once->text.find("\n---\napiVersion: rbac") + 1);
  const auto twice = operator_patch::patch(object, options);
  ASSERT(twice && twice->text == once->text);
  return 0;
}
