#include "codec/json/writer.h"

#include <algorithm>
#include <cmath>

#include "core/base/utf8.h"

namespace promfleet::json {
namespace {

// The two-character escape of RFC 8259 section 7; empty where there is none.
std::string_view short_escape(char byte) {
  switch (byte) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: return "";
  }
}

bool needs_escape(char byte) {
  return static_cast<unsigned char>(byte) < 0x20 || byte == '"' || byte == '\\' || byte == '<' || byte == '>' ||
         byte == '&';
}

}  // namespace

Writer& Writer::key(std::string_view name) {
  separate();
  quote(name);
  out_ += ':';
  return *this;
}

Writer& Writer::value(std::string_view text) {
  separate();
  quote(text);
  return *this;
}

Writer& Writer::value(double number) {
  return std::isfinite(number) ? literal(fmt::format("{}", number)) : literal("null");
}

Writer& Writer::value(std::nullptr_t) {
  return literal("null");
}

Writer& Writer::value(const Value& tree) {
  switch (tree.kind()) {
    case boost::json::kind::null: return value(nullptr);
    case boost::json::kind::bool_: return value(tree.get_bool());
    case boost::json::kind::int64: return value(tree.get_int64());
    case boost::json::kind::uint64: return value(tree.get_uint64());
    case boost::json::kind::double_: return value(tree.get_double());
    case boost::json::kind::string: return value(std::string_view(tree.get_string()));
    case boost::json::kind::array:
      begin_array();
      for (const Value& element : tree.get_array()) value(element);
      return end_array();
    case boost::json::kind::object:
      begin_object();
      for (const auto& [name, content] : tree.get_object()) key(name).value(content);
      return end_object();
  }
  return *this;
}

Writer& Writer::open(char bracket) {
  separate();
  out_ += bracket;
  return *this;
}

Writer& Writer::close(char bracket) {
  out_ += bracket;
  return *this;
}

Writer& Writer::literal(std::string_view text) {
  separate();
  out_ += text;
  return *this;
}

// What was written last tells whether another element comes before: no string ends in one of these.
void Writer::separate() {
  if (out_.size() == start_) return;
  const char last = out_.back();
  if (last != '{' && last != '[' && last != ':') out_ += ',';
}

void Writer::quote(std::string_view text) {
  out_ += '"';
  while (!text.empty()) {
    const char byte = text[0];
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      out_ += kReplacementCharacter;
    } else if (!needs_escape(byte)) {
      out_ += text.substr(0, length);
    } else if (const std::string_view escape = short_escape(byte); !escape.empty()) {
      out_ += escape;
    } else {
      out_ += fmt::format("\\u{:04x}", static_cast<unsigned char>(byte));
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  out_ += '"';
}

std::string write(const Value& tree) {
  std::string out;
  Writer(out).value(tree);
  return out;
}

}  // namespace promfleet::json
