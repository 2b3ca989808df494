#include "codec/yaml/parse.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "codec/yaml/events.h"
#include "codec/yaml/style.h"
#include "core/base/try.h"

namespace promfleet::yaml {
namespace {

// What a subtree takes of the limits.
struct Extent {
  std::size_t nodes = 0;
  std::size_t bytes = 0;   // as written at depth 0
  std::size_t height = 0;  // collections inside one another, itself included
};

constexpr std::size_t kIndentBytes = 2;

Extent extent_of(const Node& node) {
  Extent total{.nodes = 1, .bytes = node.tag.size(), .height = node.scalar() != nullptr ? 0U : 1U};
  const auto add = [&total](const Node& child) {
    const Extent extent = extent_of(child);
    total.nodes += extent.nodes;
    total.bytes += extent.bytes + kIndentBytes * extent.nodes;
    total.height = std::max(total.height, extent.height + 1);
  };
  if (const Scalar* scalar = node.scalar()) {
    total.bytes += scalar->text.size();
  } else if (const Sequence* sequence = node.sequence()) {
    for (const Node& item : *sequence) add(item);
  } else {
    for (const Entry& entry : *node.mapping()) {
      add(entry.key);
      add(entry.value);
    }
  }
  return total;
}

Style to_style(yaml_scalar_style_t style) {
  switch (style) {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE: return Style::single_quoted;
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE: return Style::double_quoted;
    case YAML_LITERAL_SCALAR_STYLE:
    case YAML_FOLDED_SCALAR_STYLE: return Style::literal;
    default: return Style::plain;
  }
}

Result<std::string> short_tag(Mark mark, std::string_view tag) {
  constexpr std::string_view kStandard = "tag:yaml.org,2002:";
  if (tag.empty()) return std::string();
  const std::string_view prefix = tag.starts_with(kStandard) ? kStandard : "!";
  const std::string_view name = tag.starts_with(prefix) ? tag.substr(prefix.size()) : std::string_view();
  const bool is_name = !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
  if (!is_name) return fail_at(mark, "the tag {} is not supported", shown(tag));
  return fmt::format("{}{}", prefix == kStandard ? "!!" : "!", name);
}

bool is_merge_key(const Node& key) {
  return key.scalar()->text == "<<" &&
         (key.tag == "!!merge" || (key.tag.empty() && key.scalar()->style == Style::plain));
}

// The mappings that the value of a merge key names, first the one that wins.
Result<std::vector<Mapping>> merged_mappings(Node value) {
  std::vector<Mapping> mappings;
  const auto take = [&mappings](Node& node) -> Result<> {
    if (node.mapping() == nullptr) {
      return fail_at(node.mark, "<< needs a mapping or a sequence of mappings, this is {}", node.kind());
    }
    mappings.push_back(std::get<Mapping>(std::move(node.value)));
    return {};
  };
  if (Sequence* sequence = std::get_if<Sequence>(&value.value)) {
    for (Node& item : *sequence) TRY(take(item));
  } else {
    TRY(take(value));
  }
  return mappings;
}

Result<> resolve_merge_key(Mapping& mapping) {
  const auto found = std::ranges::find_if(mapping, [](const Entry& entry) { return is_merge_key(entry.key); });
  if (found == mapping.end()) return {};
  TRY_ASSIGN(std::vector<Mapping> sources, merged_mappings(std::move(found->value)));
  mapping.erase(found);

  std::unordered_set<std::string> names;
  for (const Entry& entry : mapping) names.insert(entry.name());
  for (Mapping& source : sources) {
    for (Entry& entry : source) {
      if (names.insert(entry.name()).second) mapping.push_back(std::move(entry));
    }
  }
  return {};
}

std::size_t directives_in(std::string_view text) {
  std::size_t count = text.starts_with('%') ? 1 : 0;
  for (std::size_t at = text.find("\n%"); at != std::string_view::npos; at = text.find("\n%", at + 1)) ++count;
  return count;
}

class TreeBuilder {
 public:
  TreeBuilder(std::string_view text, const Limits& limits) : reader_(text), limits_(limits) {}

  Result<Node> document() {
    TRY(reader_.next());  // the stream's beginning
    TRY_ASSIGN(const Event start, reader_.next());
    if (start.type() == YAML_STREAM_END_EVENT) return Node{};
    TRY_ASSIGN(const Event event, reader_.next());
    TRY_ASSIGN(Node root, node(event, 0));
    TRY(reader_.next());  // the document's end
    TRY_ASSIGN(const Event end, reader_.next());
    if (end.type() != YAML_STREAM_END_EVENT) {
      return fail_at(end.mark(), "a second document begins here; a file holds one");
    }
    return root;
  }

 private:
  struct Anchored {
    Node node;
    Extent extent;
  };

  // The value that `event` begins, inside `depth` collections.
  Result<Node> node(const Event& event, std::size_t depth) {
    if (event.type() == YAML_ALIAS_EVENT) return alias(event, depth);
    const std::string anchor(event.anchor());
    if (!anchor.empty()) anchors_[anchor] = std::nullopt;
    TRY_ASSIGN(Node built, value(event, depth));
    if (anchor.empty() || anchors_[anchor]) return built;  // named again inside: the later one stays
    const Extent extent = extent_of(built);
    TRY(charge(event.mark(), extent, depth));
    anchors_[anchor] = Anchored{built, extent};
    return built;
  }

  Result<Node> alias(const Event& event, std::size_t depth) {
    const std::string name(event.anchor());
    const auto found = anchors_.find(name);
    if (found == anchors_.end())
      return fail_at(event.mark(), "the alias {} has no anchor before it", shown("*" + name));
    if (!found->second) return fail_at(event.mark(), "the alias {} is inside of what it names", shown("*" + name));
    TRY(charge(event.mark(), found->second->extent, depth));
    return found->second->node;
  }

  // The same, its anchor aside.
  Result<Node> value(const Event& event, std::size_t depth) {
    Node built{.value = {}, .tag = {}, .mark = event.mark()};
    TRY_ASSIGN(built.tag, short_tag(built.mark, event.tag()));
    const bool is_scalar = event.type() == YAML_SCALAR_EVENT;
    std::size_t bytes = built.tag.size();
    if (is_scalar) {
      const auto& raw = event.raw().data.scalar;
      const std::string_view text(reinterpret_cast<const char*>(raw.value), raw.length);
      built.value = Scalar{std::string(text), writable_style(to_style(raw.style), text)};
      bytes += text.size();
    }
    TRY(charge(built.mark, {.nodes = 1, .bytes = bytes, .height = is_scalar ? 0U : 1U}, depth));
    if (event.type() == YAML_SEQUENCE_START_EVENT) {
      TRY_ASSIGN(built.value, sequence(depth + 1));
    } else if (event.type() == YAML_MAPPING_START_EVENT) {
      TRY_ASSIGN(built.value, mapping(depth + 1));
    }
    return built;
  }

  Result<Sequence> sequence(std::size_t depth) {
    Sequence items;
    while (true) {
      TRY_ASSIGN(const Event event, reader_.next());
      if (event.type() == YAML_SEQUENCE_END_EVENT) return items;
      TRY_ASSIGN(Node item, node(event, depth));
      items.push_back(std::move(item));
    }
  }

  Result<Mapping> mapping(std::size_t depth) {
    Mapping entries;
    std::unordered_map<std::string, Mark> seen;
    while (true) {
      TRY_ASSIGN(const Event event, reader_.next());
      if (event.type() == YAML_MAPPING_END_EVENT) break;
      TRY_ASSIGN(Node key, node(event, depth));
      if (key.scalar() == nullptr) return fail_at(event.mark(), "a key must be a scalar, this is {}", key.kind());
      const auto [first, inserted] = seen.emplace(key.scalar()->text, event.mark());
      if (!inserted) {
        return fail_at(event.mark(), "duplicate key {}; the first is in line {}", shown(key.scalar()->text),
                       first->second.line);
      }
      TRY_ASSIGN(const Event value_event, reader_.next());
      TRY_ASSIGN(Node mapped, node(value_event, depth));
      entries.push_back({std::move(key), std::move(mapped)});
    }
    TRY(resolve_merge_key(entries));
    return entries;
  }

  // Takes what a subtree at `depth` needs from the limits, before it is built.
  Result<> charge(Mark mark, const Extent& extent, std::size_t depth) {
    const auto exceeded = [mark](std::string_view what, std::size_t limit) {
      return fail(Errc::limit_exceeded, "line {}, column {}: {} (limit {})", mark.line, mark.column, what, limit);
    };
    nodes_ += extent.nodes;
    bytes_ += extent.bytes + extent.nodes * kIndentBytes * depth;
    if (depth + extent.height > limits_.depth_max) {
      return exceeded("nested too deep, aliases expanded", limits_.depth_max);
    }
    if (nodes_ > limits_.nodes_max) {
      return exceeded("too many keys and values, aliases expanded", limits_.nodes_max);
    }
    if (bytes_ > limits_.expanded_bytes_max) {
      return exceeded("too many bytes of text, aliases expanded", limits_.expanded_bytes_max);
    }
    return {};
  }

  EventReader reader_;
  const Limits& limits_;
  std::unordered_map<std::string, std::optional<Anchored>> anchors_;  // nullopt: not complete yet
  std::size_t nodes_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace

Result<Node> parse(std::string_view text, const Limits& limits) {
  if (text.size() > limits.input_bytes_max) {
    return fail(Errc::limit_exceeded, "the text has {} bytes (limit {})", text.size(), limits.input_bytes_max);
  }
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (const std::size_t count = directives_in(text); count > limits.directives_max) {
    return fail(Errc::limit_exceeded, "{} lines begin with % (limit {})", count, limits.directives_max);
  }
  return TreeBuilder(text, limits).document();
}

}  // namespace promfleet::yaml
