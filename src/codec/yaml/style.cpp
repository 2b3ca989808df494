#include "codec/yaml/style.h"

#include <algorithm>

namespace promfleet::yaml {
namespace {

// A character that YAML 1.1 does not allow in a text, or would read as a line break, and the code that escapes it.
struct Unprintable {
  std::size_t bytes = 0;  // 0: the character may stand as it is
  unsigned code = 0;
};

Unprintable unprintable_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t ahead) -> unsigned {
    return at + ahead < text.size() ? static_cast<unsigned char>(text[at + ahead]) : 0;
  };
  const unsigned first = byte(0);
  if ((first < 0x20 && first != '\t') || first == 0x7F) return {1, first};
  if (first == 0xC2 && byte(1) < 0xA0) return {2, byte(1)};                                               // C1, U+0085
  if (first == 0xE2 && byte(1) == 0x80 && (byte(2) & 0xFE) == 0xA8) return {3, 0x2000 + byte(2) - 0x80};  // U+2028, 9
  if (first == 0xEF && byte(1) == 0xBB && byte(2) == 0xBF) return {3, 0xFEFF};
  if (first == 0xEF && byte(1) == 0xBF && byte(2) >= 0xBE) return {3, 0xFFC0 + byte(2) - 0x80};  // U+FFFE, U+FFFF
  return {};
}

bool has_unprintable(std::string_view text, std::string_view except = "") {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (unprintable_at(text, at).bytes != 0 && !except.contains(text[at])) return true;
  }
  return false;
}

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// Stricter than YAML in a few corners: a text that fails here is a string in any case, so quotes change nothing.
bool fits_plain(std::string_view text) {
  if (text.empty()) return true;
  if (has_unprintable(text) || is_blank(text.front()) || is_blank(text.back())) return false;
  if (text.starts_with("---") || text.starts_with("...")) return false;
  if (std::string_view(",[]{}#&*!|>'\"%@`").contains(text.front())) return false;
  const bool indicator_alone = text.size() == 1 || is_blank(text[1]);
  if (std::string_view("-?:").contains(text.front()) && indicator_alone) return false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == ':' && (at + 1 == text.size() || is_blank(text[at + 1]))) return false;
    if (text[at] == '#' && at > 0 && is_blank(text[at - 1])) return false;
  }
  return true;
}

void append_escaped(std::string& out, unsigned code) {
  switch (code) {
    case '\0': out += "\\0"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    default: out += code <= 0xFF ? fmt::format("\\x{:02X}", code) : fmt::format("\\u{:04X}", code);
  }
}

}  // namespace

Style writable_style(Style wanted, std::string_view text) {
  switch (wanted) {
    case Style::plain: return fits_plain(text) ? wanted : Style::double_quoted;
    case Style::single_quoted: return has_unprintable(text) ? Style::double_quoted : wanted;
    case Style::literal: return has_unprintable(text, "\n") ? Style::double_quoted : wanted;
    case Style::double_quoted: break;
  }
  return Style::double_quoted;
}

std::string single_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    out += c;
    if (c == '\'') out += c;
  }
  return out += '\'';
}

std::string double_quoted(std::string_view text) {
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) {
    if (const Unprintable found = unprintable_at(text, at); found.bytes != 0) {
      append_escaped(out, found.code);
      at += found.bytes;
      continue;
    }
    const char c = text[at++];
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\t') {
      out += "\\t";
    } else {
      out += c;
    }
  }
  return out += '"';
}

std::string literal_block(std::string_view text, std::size_t indent) {
  const std::size_t content_end = text.find_last_not_of('\n') + 1;  // 0 where there is nothing but line breaks
  const std::size_t breaks_at_end = text.size() - content_end;
  std::string out = "|";
  if (!text.empty() && (is_blank(text.front()) || text.front() == '\n')) out += '2';
  if (breaks_at_end == 0) out += '-';
  if (breaks_at_end > 1 || (breaks_at_end == 1 && content_end == 0)) out += '+';
  out += '\n';
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t line_end = std::min(text.find('\n', at), text.size());
    if (line_end > at) out.append(indent, ' ').append(text, at, line_end - at);
    out += '\n';
    at = line_end + 1;
  }
  return out;
}

}  // namespace promfleet::yaml
