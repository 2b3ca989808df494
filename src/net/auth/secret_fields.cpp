#include "net/auth/secret_fields.h"

#include <algorithm>

#include <fmt/format.h>

#include "codec/yaml/parse.h"
#include "core/base/try.h"

namespace promfleet::auth {

Result<yaml::Node> parse_secretive(std::string_view text) {
  Result<yaml::Node> node = yaml::parse(text);
  if (node) return node;
  const std::string& message = node.error().message();
  const std::size_t first = message.find('"');
  if (first == std::string::npos) return node;
  const std::size_t last = message.rfind('"');
  return fail(node.error().code(), "{}(...){}", message.substr(0, first), message.substr(last + 1));
}

Result<> only_known(const yaml::Fields& fields, std::span<const std::string_view> known) {
  for (const yaml::Entry& entry : fields.entries()) {
    if (std::ranges::find(known, entry.name()) != known.end()) continue;
    return yaml::fail_at(entry.key.mark, "unknown key; known are {}", fmt::join(known, ", "));
  }
  return {};
}

Result<std::string> as_secret(const yaml::Node& node) {
  Result<std::string> text = yaml::as_string(node);
  if (text) return text;
  return yaml::fail_at(node.mark, "expected a string (in quotes, if it begins with a special character)");
}

Result<std::optional<std::string>> secret(const yaml::Fields& fields, std::string_view key) {
  const yaml::Node* node = fields.find(key);
  if (node == nullptr) return std::nullopt;
  TRY_ASSIGN(std::string text, as_secret(*node));
  if (text.empty()) return std::nullopt;
  return text;
}

yaml::Mark mark_of(const yaml::Fields& fields, std::string_view key) {
  for (const yaml::Entry& entry : fields.entries()) {
    if (entry.name() == key) return entry.key.mark;
  }
  return fields.mark();
}

}  // namespace promfleet::auth
