#include "net/http/head_writer.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace promfleet::http {

namespace {

std::string cleaned(std::string_view text) {
  std::string clean(text);
  std::ranges::replace_if(clean, [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
  return clean;
}

Fields cleaned(const Fields& fields) {
  Fields clean;
  for (const Field field : fields) clean.add(cleaned(field.name), cleaned(field.value));
  return clean;
}

void append_clean(std::string& out, std::string_view text) {
  if (has_line_break(text)) {
    out.append(cleaned(text));
  } else {
    out.append(text);
  }
}

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 24> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

// The length decides first: it differs from that of nearly every other field.
bool is_of_connection(std::string_view name) {
  switch (name.size()) {
    case 10: return equal_ignoring_case(name, "Connection") || equal_ignoring_case(name, "Keep-Alive");
    case 14: return equal_ignoring_case(name, "Content-Length");
    case 17: return equal_ignoring_case(name, "Transfer-Encoding");
    default: return false;
  }
}

// Returns whether `special` was among the fields.
bool append_fields(std::string& out, const Fields& fields, std::string_view special) {
  if (fields.has_line_break()) return append_fields(out, cleaned(fields), special);
  bool found = false;
  for (const Field field : fields) {
    if (is_of_connection(field.name)) continue;
    append_field(out, field.name, field.value);
    found = found || equal_ignoring_case(field.name, special);
  }
  return found;
}

void append_framing(std::string& out, Framing framing) {
  if (framing.body == Framing::Body::sized) {
    out.append("Content-Length: ");
    append_number(out, framing.bytes);
    out.append("\r\n");
  } else if (framing.body == Framing::Body::chunked) {
    out.append("Transfer-Encoding: chunked\r\n");
  }
}

}  // namespace

void append_head(std::string& out, const Request& request, std::string_view authority, Framing framing) {
  append_clean(out, request.method);
  out.append(" ");
  append_clean(out, request.target);
  out.append(" HTTP/1.1\r\n");
  if (!append_fields(out, request.fields, "Host")) append_field(out, "Host", cleaned(authority));
  append_framing(out, framing);
  out.append("\r\n");
}

void append_head(std::string& out, const Response& response, std::string_view date, Framing framing,
                 ConnectionField connection) {
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::uint64_t>(response.status));
  out.append(" ").append(reason_phrase(response.status)).append("\r\n");
  if (!append_fields(out, response.fields, "Date")) append_field(out, "Date", date);
  append_framing(out, framing);
  if (connection == ConnectionField::close) out.append("Connection: close\r\n");
  if (connection == ConnectionField::keep_alive) out.append("Connection: keep-alive\r\n");
  out.append("\r\n");
}

bool is_bodiless(int status) {
  return status / 100 == 1 || status == 204 || status == 304;
}

}  // namespace promfleet::http
