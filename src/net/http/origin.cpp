#include "net/http/origin.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "core/base/try.h"
#include "net/http/message.h"

namespace promfleet::http {

namespace {

constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

// A URL in an error: what may be a secret is left out, which is all of one that may hold a password, and the query.
std::string in_words(std::string_view url) {
  if (url.contains('@')) return "the URL (not shown: what has an @ may hold a password)";
  return fmt::format("the URL \"{}\"", url.substr(0, url.find_first_of("?#")));
}

Result<std::uint16_t> parse_port(std::string_view digits, std::string_view url) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port == 0) {
    return fail(Errc::invalid_input, "{} has a wrong port: 1 to 65535 is wanted", in_words(url));
  }
  return port;
}

// "host", "host:port", "[v6]" or "[v6]:port" into `origin`, whose port is the scheme's own so far.
Result<> parse_authority(std::string_view authority, std::string_view url, Origin& origin) {
  if (authority.contains('@')) {
    // Of several none tells what is the host and what the password.
    const bool shows_host = std::ranges::count(url, '@') == 1;
    return fail(Errc::invalid_input, "the URL{} holds a user name or password: credentials are configured apart",
                shows_host ? fmt::format(" of {}", authority.substr(authority.find('@') + 1)) : "");
  }
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return fail(Errc::invalid_input, "{} lacks a ]", in_words(url));
    origin.host = authority.substr(1, close - 1);
    port = authority.substr(close + 1);
    if (!port.empty() && !port.starts_with(':')) return fail(Errc::invalid_input, "{} is malformed", in_words(url));
  } else {
    const std::size_t colon = std::min(authority.find(':'), authority.size());
    origin.host = authority.substr(0, colon);
    port = authority.substr(colon);
  }
  if (origin.host.empty()) return fail(Errc::invalid_input, "{} has no host", in_words(url));
  if (port.size() <= 1) return {};
  TRY_ASSIGN(origin.port, parse_port(port.substr(1), url));
  return {};
}

}  // namespace

std::string Origin::authority() const {
  const std::string name = host.contains(':') ? fmt::format("[{}]", host) : host;
  return port == (is_tls ? kHttpsPort : kHttpPort) ? name : fmt::format("{}:{}", name, port);
}

std::string to_string(const Origin& origin) {
  return fmt::format("{}://{}", origin.is_tls ? "https" : "http", origin.authority());
}

Result<Url> parse_url(std::string_view text) {
  const std::size_t scheme_end = text.find("://");
  const std::string_view scheme = text.substr(0, scheme_end);
  const bool is_tls = equal_ignoring_case(scheme, "https");
  if (scheme_end == std::string_view::npos || (!is_tls && !equal_ignoring_case(scheme, "http"))) {
    return fail(Errc::invalid_input, "{} does not begin with http:// or https://", in_words(text));
  }
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; })) {
    return fail(Errc::invalid_input, "{} contains a space or a control character", in_words(text));
  }
  std::string_view rest = text.substr(scheme_end + 3);
  rest = rest.substr(0, rest.find('#'));
  const std::size_t path = std::min(rest.find_first_of("/?"), rest.size());

  Url url{.origin = {.is_tls = is_tls, .host = {}, .port = is_tls ? kHttpsPort : kHttpPort}, .target = {}};
  TRY(parse_authority(rest.substr(0, path), text, url.origin));
  const std::string_view target = rest.substr(path);
  url.target.append(target.starts_with('/') ? "" : "/").append(target);
  return url;
}

}  // namespace promfleet::http
