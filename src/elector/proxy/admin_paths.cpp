#include "elector/proxy/admin_paths.h"

#include <initializer_list>
#include <string>
#include <vector>

#include "net/http/message.h"

namespace promfleet::elector {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Prometheus answers a broken escape with 400, so it may stay as it is.
std::string percent_decoded(std::string_view path) {
  std::string decoded;
  decoded.reserve(path.size());
  for (std::size_t i = 0; i < path.size(); ++i) {
    const bool is_escape = path[i] == '%' && i + 2 < path.size();
    const int high = is_escape ? hex_digit(path[i + 1]) : -1;
    const int low = is_escape ? hex_digit(path[i + 2]) : -1;
    if (high < 0 || low < 0) {
      decoded += path[i];
      continue;
    }
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

using Segments = std::vector<std::string_view>;

Segments segments_of(std::string_view path) {
  Segments segments;
  while (!path.empty()) {
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(segment.size() + 1, path.size()));
    if (segment.empty() || segment == ".") continue;
    if (segment != "..") {
      segments.push_back(segment);
    } else if (!segments.empty()) {
      segments.pop_back();
    }
  }
  return segments;
}

bool has_at(const Segments& segments, std::size_t at, std::initializer_list<std::string_view> names) {
  if (at + names.size() > segments.size()) return false;
  for (const std::string_view name : names) {
    if (!http::equal_ignoring_case(segments[at++], name)) return false;
  }
  return true;
}

}  // namespace

bool is_administration(std::string_view target) {
  const std::string path = percent_decoded(http::path_of(target));
  const Segments segments = segments_of(path);
  for (std::size_t at = 0; at < segments.size(); ++at) {
    if (has_at(segments, at, {"api", "v1", "admin"})) return true;
    if (at + 2 == segments.size() && (has_at(segments, at, {"-", "quit"}) || has_at(segments, at, {"-", "reload"}))) {
      return true;
    }
  }
  return false;
}

}  // namespace promfleet::elector
