#include "app/operator_patch/tree.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace promfleet::operator_patch {

namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Whether a plain scalar of this text is a string to every reader of YAML. Errs on the side of quotes.
bool is_plainly_a_string(std::string_view value) {
  constexpr std::array<std::string_view, 9> kOtherwise = {"y", "yes", "n", "no", "true", "false", "on", "off", "null"};
  std::string lower(value);
  std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  if (value.empty() || std::ranges::find(kOtherwise, lower) != kOtherwise.end()) return false;
  const bool is_flag = value.size() > 1 && value[0] == '-' && is_letter(value[1]);
  return is_flag || value[0] == '/' || is_letter(value[0]);
}

yaml::Node scalar(std::string value, yaml::Style style) {
  return {.value = yaml::Scalar{.text = std::move(value), .style = style}, .tag = {}, .mark = {}};
}

template <class Collection>
Result<Collection*> collection_in(yaml::Mapping& mapping, std::string_view key, std::string_view expected) {
  if (find(mapping, key) == nullptr) set(mapping, key, {});
  yaml::Node& node = *find(mapping, key);
  if (node.is_null()) node.value = Collection();
  if (Collection* const collection = std::get_if<Collection>(&node.value)) return collection;
  return yaml::fail_at(node.mark, "{} is {}, not {}", key, node.kind(), expected);
}

}  // namespace

yaml::Node text(std::string value) {
  const yaml::Style style = is_plainly_a_string(value) ? yaml::Style::plain : yaml::Style::double_quoted;
  return scalar(std::move(value), style);
}

yaml::Node literal(std::string_view value) {
  return scalar(std::string(value), yaml::Style::plain);
}

yaml::Node map(std::initializer_list<std::pair<std::string_view, yaml::Node>> entries) {
  yaml::Mapping mapping;
  for (const auto& [key, value] : entries) set(mapping, key, value);
  return {.value = std::move(mapping), .tag = {}, .mark = {}};
}

yaml::Node list(std::vector<yaml::Node> items) {
  return {.value = yaml::Sequence(std::move(items)), .tag = {}, .mark = {}};
}

yaml::Node* find(yaml::Mapping& mapping, std::string_view key) {
  const auto found = std::ranges::find(mapping, key, &yaml::Entry::name);
  return found == mapping.end() ? nullptr : &found->value;
}

void set(yaml::Mapping& mapping, std::string_view key, yaml::Node value) {
  if (yaml::Node* const present = find(mapping, key)) {
    *present = std::move(value);
  } else {
    mapping.push_back({.key = text(std::string(key)), .value = std::move(value)});
  }
}

void set_all(yaml::Mapping& mapping, yaml::Node values) {
  for (yaml::Entry& entry : std::get<yaml::Mapping>(values.value)) set(mapping, entry.name(), std::move(entry.value));
}

void remove(yaml::Mapping& mapping, std::string_view key) {
  std::erase_if(mapping, [key](const yaml::Entry& entry) { return entry.name() == key; });
}

Result<yaml::Mapping*> mapping_in(yaml::Mapping& mapping, std::string_view key) {
  return collection_in<yaml::Mapping>(mapping, key, "a mapping");
}

Result<yaml::Sequence*> sequence_in(yaml::Mapping& mapping, std::string_view key) {
  return collection_in<yaml::Sequence>(mapping, key, "a sequence");
}

Result<yaml::Mapping*> item_of(yaml::Sequence& items, std::string_view key, std::string_view name) {
  for (yaml::Node& item : items) {
    yaml::Mapping* const mapping = std::get_if<yaml::Mapping>(&item.value);
    if (mapping == nullptr) return yaml::fail_at(item.mark, "this item is {}, not a mapping", item.kind());
    const yaml::Node* const own = find(*mapping, key);
    if (own != nullptr && own->scalar() != nullptr && own->scalar()->text == name) return mapping;
  }
  items.push_back(map({{key, text(std::string(name))}}));
  return std::get_if<yaml::Mapping>(&items.back().value);
}

}  // namespace promfleet::operator_patch
