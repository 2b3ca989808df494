#include "net/http/head_checks.h"

#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>

namespace promfleet::http {

namespace {

// What cannot be part of host and port (RFC 3986 section 3.2.2), and would be read differently by different people.
bool is_authority(std::string_view text) {
  return text.find_first_of(" \t,/\\@?#\"<>{}|^`") == std::string_view::npos;
}

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::string_view> after_scheme(std::string_view target) {
  for (const std::string_view scheme : {std::string_view("http://"), std::string_view("https://")}) {
    if (equal_ignoring_case(target.substr(0, scheme.size()), scheme)) return target.substr(scheme.size());
  }
  return std::nullopt;
}

}  // namespace

template <class Message>
void HeadChecks<Message>::reject(int status, std::string_view reason) {
  if (!rejection_) rejection_ = Rejection{status, reason};
}

template <class Message>
void HeadChecks<Message>::start_line(Message& message, int version) {
  is_http_1_1_ = version == 11;
  if constexpr (std::is_same_v<Message, Response>) {
    // 101 leads out of HTTP, and nobody here asks for it.
    if (message.status < 100 || message.status == 101) reject(400, "unexpected status");
  } else {
    if (message.target.starts_with('/')) return;
    if (message.method == "CONNECT") return reject(501, "CONNECT is not supported");
    if (message.target == "*" && message.method == "OPTIONS") return;
    const auto absolute = after_scheme(message.target);
    if (!absolute) return reject(400, "the request target is neither a path nor a URL");
    take_apart(message, *absolute);
  }
}

// Absolute form: what it says goes before Host (RFC 9112 section 3.2.2).
template <class Message>
void HeadChecks<Message>::take_apart(Request& request, std::string_view absolute) {
  const std::size_t end = std::min(absolute.find_first_of("/?"), absolute.size());
  authority_ = absolute.substr(0, end);
  if (authority_.empty() || !is_authority(authority_)) return reject(400, "malformed host in the request target");
  const std::string_view rest = absolute.substr(end);
  std::string target(rest.starts_with('/') ? "" : "/");
  target.append(rest);
  request.target = std::move(target);
}

template <class Message>
void HeadChecks<Message>::field(CheckedField field, std::string_view value) {
  switch (field) {
    case CheckedField::host: return host(value);
    case CheckedField::content_length: return content_length(value);
    case CheckedField::transfer_encoding: return transfer_encoding(value);
    case CheckedField::expect: return expect(value);
  }
}

template <class Message>
void HeadChecks<Message>::host(std::string_view value) {
  if (std::is_same_v<Message, Response>) return;
  if (std::exchange(has_host_, true)) return reject(400, "more than one Host");
  if (!is_authority(value)) reject(400, "malformed Host");
}

template <class Message>
void HeadChecks<Message>::content_length(std::string_view value) {
  if (std::exchange(has_content_length_, true)) return reject(400, "more than one Content-Length");
  if (!is_number(value)) return reject(400, "Content-Length is not a number");
  if (has_transfer_encoding_) reject(400, "both Content-Length and Transfer-Encoding");
}

template <class Message>
void HeadChecks<Message>::transfer_encoding(std::string_view value) {
  if (!is_http_1_1_) return reject(400, "Transfer-Encoding in HTTP/1.0");
  if (std::exchange(has_transfer_encoding_, true)) return reject(400, "more than one Transfer-Encoding");
  if (!equal_ignoring_case(value, "chunked")) return reject(400, "the only transfer encoding known here is chunked");
  if (has_content_length_) reject(400, "both Content-Length and Transfer-Encoding");
}

template <class Message>
void HeadChecks<Message>::expect(std::string_view value) {
  if (std::is_same_v<Message, Response> || !is_http_1_1_) return;
  if (!equal_ignoring_case(value, "100-continue")) return reject(417, "the only expectation known is 100-continue");
  expects_continue_ = true;
}

template <class Message>
void HeadChecks<Message>::end_of_head(Message& message) {
  if constexpr (std::is_same_v<Message, Request>) {
    if (is_http_1_1_ && !has_host_) return reject(400, "no Host");
    if (!authority_.empty()) message.fields.set("Host", authority_);
  }
}

template class HeadChecks<Request>;
template class HeadChecks<Response>;

}  // namespace promfleet::http
