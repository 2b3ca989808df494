#include "codec/yaml/node.h"

#include "core/base/utf8.h"

namespace promfleet::yaml {

Mark mark_at(std::string_view text, std::size_t offset) {
  Mark mark;
  for (const char c : text.substr(0, offset)) {
    if (c == '\n') {
      mark = {.line = mark.line + 1, .column = 1};
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {  // not inside a character
      ++mark.column;
    }
  }
  return mark;
}

bool Node::is_null() const {
  const Scalar* written = scalar();
  if (written == nullptr || written->style != Style::plain || !tag.empty()) return false;
  const std::string& text = written->text;
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

std::string_view Node::kind() const {
  if (mapping() != nullptr) return "a mapping";
  if (sequence() != nullptr) return "a sequence";
  return is_null() ? "null" : "a scalar";
}

bool Node::operator==(const Node& other) const {
  return value == other.value && tag == other.tag;
}

std::string shown(std::string_view text) {
  constexpr std::size_t kBytesMax = 64;
  if (text.size() <= kBytesMax) return fmt::format("\"{}\"", text);
  return fmt::format("\"{}...\"", utf8_prefix(text, kBytesMax));
}

}  // namespace promfleet::yaml
