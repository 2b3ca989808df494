#include "elector/config/leader_additions.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "codec/yaml/emit.h"
#include "elector/config/url_secrets.h"

namespace promfleet::elector {
namespace {

enum class Inside { ordinary, secret };

bool holds_secrets(std::string_view key) {
  std::string lower(key);
  std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c; });
  const auto ends_key = [&lower](std::string_view word) { return lower.ends_with(word); };
  return lower == "headers" || lower == "http_headers" || lower == "proxy_connect_header" ||
         std::ranges::any_of(
             std::initializer_list<std::string_view>{"password", "passphrase", "secret", "token", "credentials", "key"},
             ends_key);
}

void hide_secrets(yaml::Node& node, Inside inside) {
  if (node.is_null()) return;
  if (auto* scalar = std::get_if<yaml::Scalar>(&node.value)) {
    if (inside == Inside::ordinary) {
      scalar->text = without_url_secrets(scalar->text);
    } else {
      node = {.value = yaml::Scalar{std::string(kHidden)}, .tag = {}, .mark = node.mark};
    }
  } else if (auto* items = std::get_if<yaml::Sequence>(&node.value)) {
    for (yaml::Node& item : *items) hide_secrets(item, inside);
  } else {
    for (yaml::Entry& entry : std::get<yaml::Mapping>(node.value)) {
      const bool is_list_of_files = entry.name() == "files" && entry.value.sequence() != nullptr;
      const bool is_secret = holds_secrets(entry.name()) || (inside == Inside::secret && !is_list_of_files);
      hide_secrets(entry.value, is_secret ? Inside::secret : Inside::ordinary);
    }
  }
}

}  // namespace

std::string describe_leader_additions(yaml::Node leader) {
  hide_secrets(leader, Inside::ordinary);
  return yaml::emit(leader);
}

}  // namespace promfleet::elector
