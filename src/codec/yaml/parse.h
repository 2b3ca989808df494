// Reads YAML 1.1 text, as Prometheus does, into a tree.
#pragma once

#include <cstddef>
#include <string_view>

#include "codec/yaml/node.h"

namespace promfleet::yaml {

// Aliases make a text of a few lines into a tree of any size, so the tree has limits of its own. Anchored values count
// twice (a copy is kept for the aliases), and so do their aliases' copies.
struct Limits {
  std::size_t input_bytes_max = 16 << 20;
  std::size_t directives_max = 64;            // lines that begin with %: libyaml compares each with each
  std::size_t depth_max = 200;                // collections inside one another
  std::size_t nodes_max = 2'000'000;          // keys and values
  std::size_t expanded_bytes_max = 64 << 20;  // scalars, tags and the indentation that the tree takes when written
};

// A usual text of the full size is not refused for its nodes: a line of configuration is a key and a value in 17 bytes
// or more; nor for its bytes, which are those of the text and twice its indentation.
static_assert(Limits{}.nodes_max * 17 / 2 >= Limits{}.input_bytes_max);
static_assert(Limits{}.expanded_bytes_max >= 4 * Limits{}.input_bytes_max);

// The one document of `text`, which is UTF-8, with or without a byte order mark. Nothing but white space and comments
// is null. Merge keys (`<<`) are resolved: explicit keys win, then the first mapping named; merged keys come last.
//
// Errors: limit_exceeded names the limit; everything else is invalid_input. Messages begin "line 3, column 1: " where
// there is a position. Errors are a syntax error, bytes that are not UTF-8, a control character, a duplicate key, a key
// that is not a scalar, an alias without or inside its anchor, a tag other than !!name and !name, a second document.
Result<Node> parse(std::string_view text, const Limits& limits = {});

}  // namespace promfleet::yaml
