#include "elector/config/envsubst.h"

#include <algorithm>

#include "codec/yaml/node.h"

namespace promfleet::elector {
namespace {

constexpr std::string_view kOpen = "$(";

// The NAME of "$(NAME)" at the beginning of `text`; empty where it is something else.
std::string_view variable_at(std::string_view text) {
  if (!text.starts_with(kOpen)) return {};
  text.remove_prefix(kOpen.size());
  const auto end = std::ranges::find_if_not(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (end == text.end() || *end != ')') return {};
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

}  // namespace

Result<std::string> substitute_environment(std::string_view text, const Environment& environment,
                                           std::size_t bytes_max) {
  std::string out;
  std::size_t copied = 0;
  for (std::size_t at = text.find(kOpen); at != std::string_view::npos; at = text.find(kOpen, at)) {
    const std::string_view name = variable_at(text.substr(at));
    if (name.empty()) {
      at += kOpen.size();
      continue;
    }
    const std::optional<std::string> value = environment(name);
    if (!value) return yaml::fail_at(yaml::mark_at(text, at), "the environment variable {} is not set", name);
    out.append(text, copied, at - copied).append(*value);
    at += kOpen.size() + name.size() + 1;
    copied = at;
    if (out.size() > bytes_max) break;
  }
  if (out.size() + text.size() - copied > bytes_max) {
    return fail(Errc::limit_exceeded, "longer than {} bytes with its environment variables filled in", bytes_max);
  }
  return out.append(text, copied);
}

}  // namespace promfleet::elector
