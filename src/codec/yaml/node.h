// A YAML document as a tree of values that remembers how each scalar was written.
//
// A configuration passes through us on its way to Prometheus and must arrive as its author wrote it: 0123 is not 83,
// "on" is not on, 1.10 is not 1.1. So a scalar is its text, its style and its tag, and nothing is ever resolved to a
// number or a date; who wants a bool asks for it (fields.h). Comments, anchors and the layout of collections are not
// kept: aliases and merge keys have been replaced by copies of what they name.
//
// A node owns its children and is copied with them. Texts are UTF-8.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "core/base/error.h"

namespace promfleet::yaml {

// Where a node begins in its text, counted from 1; columns count characters.
struct Mark {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

// The position of the byte `offset` of a text.
Mark mark_at(std::string_view text, std::size_t offset);

// Folded scalars (`>`) are kept as literal ones (`|`): the same text, without rules of folding.
enum class Style : std::uint8_t { plain, single_quoted, double_quoted, literal };

struct Scalar {
  std::string text;
  Style style = Style::plain;

  bool operator==(const Scalar&) const = default;
};

struct Node;
struct Entry;
using Sequence = std::vector<Node>;
using Mapping = std::vector<Entry>;  // in the order of the text

// The default is null, written as nothing.
struct Node {
  std::variant<Scalar, Sequence, Mapping> value;
  std::string tag;  // "!!str", "!local"; empty: none was written
  Mark mark;

  const Scalar* scalar() const { return std::get_if<Scalar>(&value); }
  const Sequence* sequence() const { return std::get_if<Sequence>(&value); }
  const Mapping* mapping() const { return std::get_if<Mapping>(&value); }

  // A plain, untagged scalar that YAML reads as null: nothing, ~, null, Null, NULL.
  bool is_null() const;

  // "a mapping", "a sequence", "a scalar" or "null", for messages.
  std::string_view kind() const;

  // Marks are not compared.
  bool operator==(const Node& other) const;
};

// A key is a scalar, unique in its mapping by its text, whatever the style.
struct Entry {
  Node key;
  Node value;

  const std::string& name() const { return key.scalar()->text; }

  bool operator==(const Entry&) const = default;
};

// A text of the document in a message: quoted, and cut where it is long.
std::string shown(std::string_view text);

// An Error of invalid_input: "line 3, column 1: ...".
template <class... Args>
[[nodiscard]] std::unexpected<Error> fail_at(Mark mark, fmt::format_string<Args...> format, Args&&... args) {
  return fail(Errc::invalid_input, "line {}, column {}: {}", mark.line, mark.column,
              fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace promfleet::yaml
