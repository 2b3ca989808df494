// Writes JSON into a string as it goes, without a tree.
//
//   json::Writer out(text);
//   out.begin_object().member("is_leader", true).key("members").begin_array().value("a").end_array().end_object();
//
// The caller keeps the order that JSON asks for (a key before each member of an object, as many ends as begins); commas
// and escapes are the writer's. Bytes that are not UTF-8 become U+FFFD, and '<', '>' and '&' are escaped, so that the
// text may stand inside a page. A number that JSON cannot hold (NaN, infinity) becomes null.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "codec/json/value.h"

namespace promfleet::json {

class Writer {
 public:
  // Appends to `out`, which outlives the writer.
  explicit Writer(std::string& out) : out_(out), start_(out.size()) {}

  Writer& begin_object() { return open('{'); }
  Writer& end_object() { return close('}'); }
  Writer& begin_array() { return open('['); }
  Writer& end_array() { return close(']'); }
  Writer& key(std::string_view name);

  Writer& value(std::string_view text);
  Writer& value(const char* text) { return value(std::string_view(text)); }
  Writer& value(double number);
  Writer& value(std::nullptr_t);
  Writer& value(const Value& tree);
  template <std::same_as<bool> B>
  Writer& value(B truth) {
    return literal(truth ? "true" : "false");
  }
  template <std::integral N>
    requires(!std::same_as<N, bool>)
  Writer& value(N number) {
    return literal(std::to_string(number));
  }

  template <class T>
  Writer& member(std::string_view name, const T& content) {
    return key(name).value(content);
  }

 private:
  Writer& open(char bracket);
  Writer& close(char bracket);
  Writer& literal(std::string_view text);
  void separate();
  void quote(std::string_view text);

  std::string& out_;
  std::size_t start_;
};

// A tree as text, without spaces.
std::string write(const Value& tree);

}  // namespace promfleet::json
