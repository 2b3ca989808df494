#include "net/http/message.h"

#include <algorithm>

namespace promfleet::http {

namespace {

// What most heads fit into, so that they grow once.
constexpr std::size_t kFieldsTypical = 16;
constexpr std::size_t kTextBytesTypical = 512;

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpaces = " \t";
  const std::size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

bool list_has(std::string_view list, std::string_view token) {
  while (true) {
    const std::size_t comma = list.find(',');
    if (equal_ignoring_case(trim(list.substr(0, comma)), token)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return to_lower(x) == to_lower(y); });
}

// Without an early exit, so that the compiler makes vector instructions of it.
bool has_line_break(std::string_view text) {
  unsigned char found = 0;
  for (const char c : text) found |= (c == '\r') | (c == '\n') | (c == '\0');
  return found != 0;
}

void Fields::add(std::string_view name, std::string_view value) {
  if (entries_.empty()) entries_.reserve(kFieldsTypical);
  entries_.push_back({.at = static_cast<std::uint32_t>(text_.size()),
                      .name_bytes = static_cast<std::uint32_t>(name.size()),
                      .value_bytes = static_cast<std::uint32_t>(value.size())});
  const std::size_t size = text_.size() + name.size() + value.size();
  if (size <= text_.capacity()) {
    text_.append(name).append(value);
    return;
  }
  // The name or the value may be a view of this text, which stays until both are copied.
  std::string grown;
  grown.reserve(std::max({size, 2 * text_.capacity(), kTextBytesTypical}));
  grown.append(text_).append(name).append(value);
  text_ = std::move(grown);
}

void Fields::set(std::string_view name, std::string_view value) {
  add(name, value);
  const std::string_view added_name = (*this)[size() - 1].name;  // `name` may have been a view of this text
  const Entry added = entries_.back();
  entries_.pop_back();
  remove(added_name);
  entries_.push_back(added);
}

void Fields::remove(std::string_view name) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (!equal_ignoring_case((*this)[i].name, name)) entries_[kept++] = entries_[i];
  }
  entries_.resize(kept);
}

void Fields::clear() {
  entries_.clear();
  text_.clear();
}

std::optional<std::string_view> Fields::find(std::string_view name) const {
  for (const Field field : *this) {
    if (equal_ignoring_case(field.name, name)) return field.value;
  }
  return std::nullopt;
}

bool Fields::has_token(std::string_view name, std::string_view token) const {
  return std::any_of(begin(), end(), [&](const Field& field) {
    return equal_ignoring_case(field.name, name) && list_has(field.value, token);
  });
}

bool Fields::has_line_break() const {
  return http::has_line_break(text_);
}

Field Fields::operator[](std::size_t index) const {
  return field_of(entries_[index]);
}

std::string_view path_of(std::string_view target) {
  return target.substr(0, target.find('?'));
}

Response text_response(int status, std::string_view text) {
  Response response{.status = status};
  response.fields.add("Content-Type", "text/plain; charset=utf-8");
  response.body.append(text).append("\n");
  return response;
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 203: return "Non-Authoritative Information";
    case 204: return "No Content";
    case 205: return "Reset Content";
    case 206: return "Partial Content";
    case 300: return "Multiple Choices";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 402: return "Payment Required";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 407: return "Proxy Authentication Required";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "";
  }
}

}  // namespace promfleet::http
