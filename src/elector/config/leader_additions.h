// What leadership adds to a configuration, for the status page.
#pragma once

#include <string>

#include "codec/yaml/node.h"

namespace promfleet::elector {

// The leader's part as YAML text in which each secret reads <secret>. Hidden are
// - values whose key ends in password, passphrase, secret, token, credentials or key (a path in a *_file is shown),
//   and everything inside of them;
// - the values of HTTP headers: headers, http_headers (its files are shown), proxy_connect_header;
// - user information and query of a URL in any value. Where an @ leaves it open what belongs to a password, everything
//   before the last one is hidden.
std::string describe_leader_additions(yaml::Node leader);

}  // namespace promfleet::elector
