// A plain twin of the decision: decode, let std::filesystem clean up, compare. What it takes for an administrative path
// at the root is refused.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "core/base/assert.h"
#include "elector/proxy/admin_paths.h"

namespace {

std::string decoded(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escape = text[i] == '%' && i + 2 < text.size() &&
                           std::isxdigit(static_cast<unsigned char>(text[i + 1])) &&
                           std::isxdigit(static_cast<unsigned char>(text[i + 2]));
    result += is_escape ? static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16)) : text[i];
    if (is_escape) i += 2;
  }
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string target = "/" + std::string(reinterpret_cast<const char*>(data), size);
  const bool is_refused = promfleet::elector::is_administration(target);
  const std::string path = decoded(target.substr(0, target.find('?')));
  std::string clean = std::filesystem::path(path).lexically_normal().string();
  if (clean.size() > 1 && clean.ends_with('/')) clean.pop_back();
  if (clean == "/-/quit" || clean == "/-/reload" || clean.starts_with("/api/v1/admin/")) ASSERT(is_refused);
  return 0;
}
