// How we introduce ourselves to Prometheus: its own HTTP client configuration, as in a scrape job or in promtool's
// --http.config.file.
//
// What we take and refuse of the format: docs/http-config.md.
#pragma once

#include <optional>
#include <string>

#include "core/base/error.h"
#include "net/auth/sources.h"
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

// Reads `path` and the files that it names, relative ones from its own folder. Errors name the file and the position,
// and never repeat a secret. The TLS section counts only for `transport` tls.
Result<HttpClientConfig> load_http_client_config(Sources& sources, const std::string& path, net::Transport transport,
                                                 const net::SystemRoots& roots);

}  // namespace promfleet::auth
