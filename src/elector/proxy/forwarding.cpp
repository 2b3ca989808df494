#include "elector/proxy/forwarding.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace promfleet::elector {
namespace {

using http::equal_ignoring_case;
using http::Field;

// The length decides first: it differs from that of nearly every other field.
bool is_hop_by_hop(std::string_view name) {
  switch (name.size()) {
    case 2: return equal_ignoring_case(name, "TE");
    case 7: return equal_ignoring_case(name, "Trailer") || equal_ignoring_case(name, "Upgrade");
    case 10: return equal_ignoring_case(name, "Connection") || equal_ignoring_case(name, "Keep-Alive");
    case 16: return equal_ignoring_case(name, "Proxy-Connection");
    case 17: return equal_ignoring_case(name, "Transfer-Encoding");
    case 18: return equal_ignoring_case(name, "Proxy-Authenticate");
    case 19: return equal_ignoring_case(name, "Proxy-Authorization");
    default: return false;
  }
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return lower;
}

// Further hop-by-hop fields: lower case, sorted.
using Names = std::vector<std::string>;

void add_names(std::string_view list, Names& names) {
  if (equal_ignoring_case(list, "keep-alive") || equal_ignoring_case(list, "close")) return;
  while (!list.empty()) {
    std::string_view name = list.substr(0, list.find(','));
    list.remove_prefix(std::min(name.size() + 1, list.size()));
    name.remove_prefix(std::min(name.find_first_not_of(" \t"), name.size()));
    name = name.substr(0, name.find_last_not_of(" \t") + 1);
    names.push_back(lower_case(name));
  }
}

Names named_by_connection(const http::Fields& fields) {
  Names names;
  for (const Field field : fields) {
    if (equal_ignoring_case(field.name, "Connection")) add_names(field.value, names);
  }
  std::ranges::sort(names);
  return names;
}

bool is_named(const Names& names, std::string_view name) {
  return !names.empty() && std::ranges::binary_search(names, lower_case(name));
}

}  // namespace

http::Request forwarded(const http::Exchange& exchange) {
  const http::Request& request = exchange.request();
  const Names named = named_by_connection(request.fields);
  http::Request next{.method = request.method, .target = request.target, .fields = {}, .body = {}};
  std::string client_path;  // of X-Forwarded-For
  std::string_view host;
  bool has_proto = false;
  bool has_host = false;
  for (const Field field : request.fields) {
    if (is_hop_by_hop(field.name) || is_named(named, field.name)) continue;
    if (equal_ignoring_case(field.name, "X-Forwarded-For")) {
      client_path.append(field.value).append(", ");
      continue;
    }
    // Our server has answered Expect.
    if (equal_ignoring_case(field.name, "Expect") || equal_ignoring_case(field.name, kProxiedField)) continue;
    has_proto = has_proto || equal_ignoring_case(field.name, "X-Forwarded-Proto");
    has_host = has_host || equal_ignoring_case(field.name, "X-Forwarded-Host");
    if (equal_ignoring_case(field.name, "Host")) host = field.value;
    next.fields.add(field.name, field.value);
  }
  next.fields.add("X-Forwarded-For", client_path.append(exchange.peer_address()));
  if (!has_proto) next.fields.add("X-Forwarded-Proto", exchange.is_tls() ? "https" : "http");
  if (!has_host && !host.empty()) next.fields.add("X-Forwarded-Host", host);
  return next;
}

void remove_hop_by_hop(http::Fields& fields) {
  const Names named = named_by_connection(fields);
  fields.remove_if([&named](const Field& field) { return is_hop_by_hop(field.name) || is_named(named, field.name); });
}

bool is_repeatable(const http::Request& request) {
  constexpr std::array<std::string_view, 3> kMethods = {"GET", "HEAD", "OPTIONS"};
  if (std::ranges::find(kMethods, request.method) != kMethods.end()) return true;
  if (request.method != "POST") return false;
  constexpr std::array<std::string_view, 7> kQueries = {
      "/api/v1/query",  "/api/v1/query_range",  "/api/v1/query_exemplars", "/api/v1/series",
      "/api/v1/labels", "/api/v1/format_query", "/api/v1/parse_query"};
  const std::string_view path = http::path_of(request.target);
  return std::ranges::any_of(kQueries, [path](std::string_view query) { return path.ends_with(query); });
}

}  // namespace promfleet::elector
