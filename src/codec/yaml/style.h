// Which style a scalar can be written in, and its text in that style. Between parse.cpp and emit.cpp; not for others.
#pragma once

#include <string>
#include <string_view>

#include "codec/yaml/node.h"

namespace promfleet::yaml {

// `wanted` where it can carry `text` on a line of a block (literal: on lines of its own), else double_quoted, which
// carries everything. The parser stores scalars in the style that this gives, so that what has been emitted and parsed
// again is equal.
Style writable_style(Style wanted, std::string_view text);

std::string single_quoted(std::string_view text);
std::string double_quoted(std::string_view text);

// "|", "|-" or "|+" with an indentation indicator where the text needs one, the lines, each indented by `indent`
// spaces, and the line break after the last. The indicator says 2: `indent` is two more than that of the parent.
std::string literal_block(std::string_view text, std::size_t indent);

}  // namespace promfleet::yaml
