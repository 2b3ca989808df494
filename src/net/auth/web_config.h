// How our own HTTP port protects itself: the web configuration file that Prometheus and its exporters share.
//
// Format: exporter-toolkit, docs/web-configuration.md; what we take and refuse of it: docs/web-config.md.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/base/error.h"
#include "net/auth/bcrypt.h"
#include "net/auth/sources.h"
#include "net/http/message.h"
#include "net/tls/context.h"

namespace promfleet::auth {

using Users = std::map<std::string, BcryptHash, std::less<>>;

struct WebConfig {
  std::optional<net::TlsContext> tls;  // absent: plain text
  http::Fields response_fields;        // added to every answer
  Users users;                         // empty: everybody is let in
  // Whether only clients whom the configuration names are let in, by password or by certificate.
  bool authenticates = false;
};

// Reads `path` and the files that it names, relative ones from its own folder. Errors name the file and the position.
Result<WebConfig> load_web_config(Sources& sources, const std::string& path);

}  // namespace promfleet::auth
