// How we introduce ourselves to Prometheus: its own HTTP client configuration, as in a scrape job or in promtool's
// --http.config.file.
//
// It stands in a file of its own, or among the keys of a larger section, as in an entry of Prometheus' remote_write:
//
//   TRY(check_http_client_keys(entry, {"url", "name", "headers"}));
//   TRY_ASSIGN(HttpClientConfig config, parse_http_client_config(entry, from, transport, roots));
//   TRY_ASSIGN(const yaml::Fields headers, entry.fields("headers"));
//   TRY(add_plain_headers(headers, config));
//
// What we take and refuse of the format: docs/http-config.md. Errors name the position, and never repeat a secret.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "codec/yaml/fields.h"
#include "core/base/error.h"
#include "net/auth/sources.h"
#include "net/auth/tls_fields.h"
#include "net/http/message.h"
#include "net/stream/dialer.h"
#include "net/tls/context.h"

namespace promfleet::auth {

struct HttpClientConfig {
  // In place of the request's own fields of these names: Authorization if there are credentials, and http_headers.
  http::Fields fields;
  std::optional<net::TlsContext> tls;  // for Transport::tls

  void apply_to(http::Request& request) const;
};

// Reads `path`, which holds nothing else, and the files that it names, relative ones from its own folder. Errors name
// the file. The TLS section counts only for `transport` tls.
Result<HttpClientConfig> load_http_client_config(Sources& sources, const std::string& path, net::Transport transport,
                                                 const net::SystemRoots& roots);

// Fails on a key that is neither the format's nor among `others`, and on one of the format's that we do not support.
Result<> check_http_client_keys(const yaml::Fields& fields, std::initializer_list<std::string_view> others = {});

// As load_http_client_config(), from what of `fields` is the format's. The document was read by parse_secretive().
Result<HttpClientConfig> parse_http_client_config(const yaml::Fields& fields, const SourceFolder& from,
                                                  net::Transport transport, const net::SystemRoots& roots);

// Adds what remote_write's `headers` says: a value for each name. Refused are those names that http_headers may not
// have either.
Result<> add_plain_headers(const yaml::Fields& headers, HttpClientConfig& config);

}  // namespace promfleet::auth
