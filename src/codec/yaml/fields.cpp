#include "codec/yaml/fields.h"

#include <algorithm>

#include "core/base/try.h"

namespace promfleet::yaml {
namespace {

constexpr std::initializer_list<std::string_view> kTrue = {"y",    "Y",    "yes", "Yes", "YES", "true",
                                                           "True", "TRUE", "on",  "On",  "ON"};
constexpr std::initializer_list<std::string_view> kFalse = {"n",     "N",     "no",  "No",  "NO", "false",
                                                            "False", "FALSE", "off", "Off", "OFF"};

}  // namespace

Result<std::string> as_string(const Node& node) {
  const Scalar* scalar = node.scalar();
  if (scalar == nullptr || node.is_null()) return fail_at(node.mark, "expected a string, found {}", node.kind());
  if (!node.tag.empty() && node.tag != "!!str") {
    return fail_at(node.mark, "expected a string, found a scalar tagged {}", node.tag);
  }
  return scalar->text;
}

Result<bool> as_bool(const Node& node) {
  const Scalar* scalar = node.scalar();
  if (scalar != nullptr && scalar->style == Style::plain && (node.tag.empty() || node.tag == "!!bool")) {
    if (std::ranges::find(kTrue, scalar->text) != kTrue.end()) return true;
    if (std::ranges::find(kFalse, scalar->text) != kFalse.end()) return false;
  }
  return fail_at(node.mark, "expected true or false without quotes, found {}",
                 scalar != nullptr ? shown(scalar->text) : std::string(node.kind()));
}

Result<std::span<const Node>> as_sequence(const Node& node) {
  if (node.is_null()) return std::span<const Node>();
  if (node.sequence() == nullptr) return fail_at(node.mark, "expected a sequence, found {}", node.kind());
  return std::span<const Node>(*node.sequence());
}

Result<Fields> Fields::of(const Node& node) {
  if (node.is_null()) return Fields({}, node.mark);
  if (node.mapping() == nullptr) return fail_at(node.mark, "expected a mapping, found {}", node.kind());
  return Fields(*node.mapping(), node.mark);
}

Result<> Fields::only(std::initializer_list<std::string_view> known) const {
  for (const Entry& entry : entries_) {
    if (std::ranges::find(known, entry.name()) != known.end()) continue;
    return fail_at(entry.key.mark, "unknown key {}; known are {}", shown(entry.name()), fmt::join(known, ", "));
  }
  return {};
}

const Node* Fields::find(std::string_view key) const {
  const auto found = std::ranges::find(entries_, key, &Entry::name);
  return found == entries_.end() || found->value.is_null() ? nullptr : &found->value;
}

Result<std::optional<std::string>> Fields::string(std::string_view key) const {
  const Node* node = find(key);
  if (node == nullptr) return std::nullopt;
  TRY_ASSIGN(std::string text, as_string(*node));
  return text;
}

Result<std::optional<bool>> Fields::boolean(std::string_view key) const {
  const Node* node = find(key);
  if (node == nullptr) return std::nullopt;
  TRY_ASSIGN(const bool value, as_bool(*node));
  return value;
}

Result<std::vector<std::string>> Fields::strings(std::string_view key) const {
  std::vector<std::string> texts;
  TRY_ASSIGN(const std::span<const Node> items, sequence(key));
  for (const Node& item : items) {
    TRY_ASSIGN(std::string text, as_string(item));
    texts.push_back(std::move(text));
  }
  return texts;
}

Result<std::span<const Node>> Fields::sequence(std::string_view key) const {
  const Node* node = find(key);
  if (node == nullptr) return std::span<const Node>();
  return as_sequence(*node);
}

Result<Fields> Fields::fields(std::string_view key) const {
  const Node* node = find(key);
  if (node == nullptr) return Fields({}, mark_);
  return of(*node);
}

}  // namespace promfleet::yaml
