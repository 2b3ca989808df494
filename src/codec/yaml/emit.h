// Writes a tree as YAML text for Prometheus and for people.
#pragma once

#include <string>

#include "codec/yaml/node.h"

namespace promfleet::yaml {

// The same tree gives the same bytes. Collections in block style, two spaces a level; scalars on one line however long,
// in their style and with their tag, literal ones on lines of their own; UTF-8 unescaped. parse() of the output gives
// an equal tree; a style that cannot carry its text (a line break in single quotes) becomes double_quoted.
std::string emit(const Node& root);

}  // namespace promfleet::yaml
